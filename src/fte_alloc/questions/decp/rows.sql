-- The rules of the import, each in one place: rows as they are read; contracts.sql goes on.
-- `raw` is one file, a text a field. `hash` has 64 bits: of 1.5 million contracts, two
-- different ones are taken for one with a probability of one in ten million.

-- A value as typed: nothing where it is marked as missing; INX marks one kept though wrong.
-- Here as below, what most rows hold comes first: expressions take long over millions of rows.
CREATE MACRO given(t) AS CASE
    WHEN t BETWEEN '0' AND 'B' OR t BETWEEN 'Ca' AND 'H' OR t >= 'P' THEN t
    WHEN regexp_matches(t, '^(MQ|CDL|INX|NC| |$)') THEN
        nullif(nullif(trim(regexp_replace(t, '^ *(MQ|CDL|INX)\b', '')), ''), 'NC')
    ELSE t END;
-- A date, ISO, perhaps with a time or a zone, or French; one of any other form is none.
CREATE MACRO day(t) AS coalesce(
    try_cast(t AS DATE), try_cast(given(t)[1:10] AS DATE),
    try_strptime(given(t), '%d/%m/%Y')::DATE);
CREATE MACRO number(t) AS coalesce(
    try_cast(t AS DOUBLE), try_cast(replace(replace(given(t), ' ', ''), ',', '.') AS DOUBLE));
-- Years that the ministry takes for those of a notification.
CREATE MACRO plausible_year(d) AS
    CASE WHEN year(d) BETWEEN 2010 AND 2029 THEN year(d)::SMALLINT END;
-- A SIRET or SIREN whose leading zero a spreadsheet dropped has it again. Where a buyer is, and of
-- which kind, the first nine digits say, the SIREN.
CREATE MACRO identifier(t) AS CASE WHEN length(t) IN (8, 13) THEN '0' || t ELSE t END;
CREATE MACRO siren(t) AS CASE WHEN length(t) IN (9, 14) THEN left(t, 9) END;
-- Amounts that the ministry sets aside: below 1 EUR, above 3 billion (and so its marker
-- 12311111111), above 100 million with one digit more than six times or beginning 123456789.
CREATE MACRO implausible(eur) AS NOT isfinite(eur) OR eur < 1 OR eur > 3e9 OR (eur > 1e8 AND (
    floor(eur)::BIGINT::VARCHAR LIKE '123456789%'
    OR list_max([length(floor(eur)::BIGINT::VARCHAR)
        - length(replace(floor(eur)::BIGINT::VARCHAR, d::VARCHAR, '')) FOR d IN range(1, 10)]) > 6));

-- Rows as published. `uid` tells contracts of a buyer apart, `gathered` are rows of a file with a
-- row per holder.
CREATE TABLE notices (
    file SMALLINT, gathered BOOLEAN, uid UBIGINT, holder UBIGINT, siren VARCHAR, date DATE,
    published DATE, year SMALLINT, amount DOUBLE, kind VARCHAR, place VARCHAR, social VARCHAR,
    modification UTINYINT);

CREATE VIEW raw AS SELECT *
FROM (VALUES ('', '', '', '', '', '', '', '', '', ''))
    AS one (buyer, id, holder, date, published, amount, kind, place, social, modification);

CREATE MACRO read(file, gathered) AS TABLE
SELECT file, gathered, CASE WHEN buyer IS NOT NULL AND id IS NOT NULL THEN hash(buyer, id) END,
    coalesce(try_cast(holder AS UBIGINT), hash(holder)), siren(buyer), date, published,
    coalesce(plausible_year(date), plausible_year(published)), amount, kind, place, social,
    modification
FROM (SELECT identifier(given(buyer)) AS buyer, given(id) AS id, given(holder) AS holder,
        day(date) AS date, day(published) AS published,
        number(amount) AS amount,
        given(kind) AS kind, given(place) AS place, given(social) AS social,
        coalesce(least(greatest(try_cast(given(modification) AS BIGINT), 0), 127), 0)
            AS modification
    FROM raw);
