-- The rules of the import, each in one place: notices as published → contracts, placed and judged.
-- `raw` is one file, a text a field. `hash` has 64 bits: of 1.5 million contracts, two
-- different ones are taken for one with a probability of one in ten million.

-- A value as typed: nothing where it is marked as missing; INX marks one kept though wrong.
-- Here as below, what most rows hold comes first: expressions take long over millions of rows.
CREATE MACRO given(t) AS CASE WHEN t < 'P' AND NOT t BETWEEN '0' AND 'B' THEN CASE
    WHEN regexp_matches(t, '^(MQ|CDL|INX|NC| |$)') THEN
        nullif(nullif(trim(regexp_replace(t, '^ *(MQ|CDL|INX)\b', '')), ''), 'NC')
    ELSE t END ELSE t END;
-- A date, ISO, perhaps with a time or a zone, or French; one of any other form is none.
CREATE MACRO day(t) AS coalesce(
    try_cast(t AS DATE), try_cast(t[1:10] AS DATE), try_strptime(t, '%d/%m/%Y')::DATE);
CREATE MACRO number(t) AS coalesce(
    try_cast(t AS DOUBLE), try_cast(replace(replace(given(t), ' ', ''), ',', '.') AS DOUBLE));
-- Years that the ministry takes for those of a notification.
CREATE MACRO plausible_year(d) AS
    CASE WHEN year(d) BETWEEN 2010 AND 2029 THEN year(d)::SMALLINT END;
-- A SIRET or SIREN whose leading zero a spreadsheet dropped has it again.
CREATE MACRO identifier(t) AS CASE WHEN length(t) IN (8, 13) THEN '0' || t ELSE t END;
-- Amounts that the ministry sets aside: below 1 EUR, above 3 billion (and so its marker
-- 12311111111), above 100 million with one digit more than six times or beginning 123456789.
CREATE MACRO implausible(eur) AS NOT isfinite(eur) OR eur < 1 OR eur > 3e9 OR (eur > 1e8 AND (
    floor(eur)::BIGINT::VARCHAR LIKE '123456789%'
    OR list_max([length(floor(eur)::BIGINT::VARCHAR)
        - length(replace(floor(eur)::BIGINT::VARCHAR, d::VARCHAR, '')) FOR d IN range(1, 10)]) > 6));

-- Rows as published. `uid` tells contracts of a buyer apart, `gathered` are rows of a file with a
-- row per holder.
CREATE TABLE notices (
    file SMALLINT, gathered BOOLEAN, uid UBIGINT, holder UBIGINT, buyer VARCHAR, date DATE,
    published DATE, year SMALLINT, amount DOUBLE, kind VARCHAR, place VARCHAR, social VARCHAR,
    modification UTINYINT);

CREATE VIEW raw AS SELECT *
FROM (VALUES ('', '', '', '', '', '', '', '', '', ''))
    AS one (buyer, id, holder, date, published, amount, kind, place, social, modification);

CREATE MACRO read(file, gathered) AS TABLE
SELECT file, gathered, CASE WHEN buyer IS NOT NULL AND id IS NOT NULL THEN hash(buyer, id) END,
    coalesce(try_cast(holder AS UBIGINT), hash(holder)), buyer, date, published,
    coalesce(plausible_year(date), plausible_year(published)), amount, kind, place, social,
    modification
FROM (SELECT identifier(given(buyer)) AS buyer, given(id) AS id, given(holder) AS holder,
        day(given(date)) AS date, day(given(published)) AS published,
        number(amount) AS amount,
        given(kind) AS kind, given(place) AS place, given(social) AS social,
        coalesce(least(greatest(try_cast(given(modification) AS BIGINT), 0), 127), 0)
            AS modification
    FROM raw);

-- One row per contract, by the ministry's rule: buyer, id, first holder, date and amount; without
-- an id every row is a contract. Rows of a file with a row per holder are one publication first.
-- Only rows that share buyer and id with others are compared.
CREATE VIEW several AS
SELECT uid FROM notices WHERE uid IS NOT NULL GROUP BY uid HAVING count(*) > 1;

-- Of two rows of one contract, the one with the lower rank stands for it: the original before its
-- modifications, then the newest publication, the most complete, the largest.
CREATE VIEW ranked AS
SELECT *, rowid AS notice, (((modification * 65536::BIGINT
        + greatest(65535 - coalesce(published - DATE '1970-01-01', 0), 0)) * 4
        + 3 - (place IS NOT NULL)::INT - (kind IS NOT NULL)::INT - (social IS NOT NULL)::INT) * 4096
        + 4095 - least(coalesce(ln(greatest(amount, 1)) * 150, 0), 4095)::INT)
        * 16777216 + (hash(holder, date, amount, kind, place, social) % 16777216)::BIGINT AS rank
FROM notices SEMI JOIN several USING (uid);

CREATE VIEW publications AS
SELECT arg_min(notice, rank) AS notice, min(rank) AS rank,
    hash(any_value(uid), min(holder), arg_min(date, rank), arg_min(amount, rank)) AS contract
FROM ranked
GROUP BY file, CASE WHEN gathered THEN uid ELSE notice::UBIGINT END;

CREATE VIEW chosen AS
FROM notices ANTI JOIN several USING (uid)
UNION ALL
FROM notices
WHERE rowid IN (SELECT arg_min(notice, rank) FROM publications GROUP BY contract);

-- Where a place of execution is. Two digits are a département but where a region is said: the 18
-- codes of regions are codes of départements, too.
CREATE VIEW places AS
WITH typed AS (
    SELECT kind, place, strip_accents(lower(coalesce(kind, ''))) AS said,
        regexp_replace(strip_accents(upper(place)), '^(REGION |FR-)', '') AS code
    FROM (SELECT DISTINCT kind, place FROM notices WHERE place IS NOT NULL)),
 misleading (postal, departement) AS (  -- the only ones whose first digits do (La Poste, 2026)
    VALUES ('94390', '91'), ('97133', '977'), ('97150', '978'), ('98799', '989')),
 digits AS (
    SELECT *, CASE
        WHEN said LIKE '%region%' OR said LIKE '%pays%' THEN NULL
        WHEN said NOT LIKE '%commune%' AND code IN (SELECT postal FROM misleading)
            THEN (SELECT departement FROM misleading WHERE postal = code)
        WHEN regexp_full_match(code, '9[78]\d(\d\d)?') THEN code[1:3]
        WHEN regexp_full_match(code, '20[01]\d\d') THEN '2A'
        WHEN regexp_full_match(code, '20[2-9]\d\d') THEN '2B'
        WHEN regexp_full_match(code, '(\d\d|2[AB])(\d{3})?') THEN code[1:2]
        WHEN regexp_full_match(code, '0\d\d') THEN code[2:3]
        WHEN said LIKE '%arrondissement%' AND regexp_full_match(code, '(\d\d|2[AB])\d')
            THEN code[1:2]
        WHEN regexp_full_match(code, '(DPT|DEP)(\d\d|2[AB])') THEN code[4:5]
        END AS found
    FROM typed)
SELECT kind, place, d.code AS departement,
    coalesce(d.region, r.code, CASE found WHEN '20' THEN '94' END) AS region
FROM digits
LEFT JOIN departements AS d ON d.code = found OR d.nuts = digits.code
LEFT JOIN regions AS r ON r.iso = digits.code OR (said LIKE '%region%' AND r.code = digits.code)
    OR (starts_with(digits.code, r.nuts) AND regexp_full_match(digits.code, 'FR.\d?'));

-- Where a buyer is, and of which kind, by its SIREN.
CREATE VIEW buyers AS
WITH typed AS (
    SELECT buyer, buyer[1:9] AS siren, buyer[1:2] AS head,
        CASE buyer[3:4] WHEN '97' THEN buyer[3:5] WHEN '98' THEN buyer[3:5] ELSE buyer[3:4] END
            AS digits
    FROM (SELECT DISTINCT buyer FROM notices)
    WHERE regexp_full_match(buyer, '\d{9}(\d{5})?'))
SELECT buyer, d.code AS departement,
    coalesce(d.region, CASE WHEN digits = '20' AND carries THEN '94' END) AS region, CASE
        WHEN head IN ('11', '12', '13', '17', '18', '19', '26') THEN 'state_hospital'
        WHEN head IN ('20', '21', '22', '23', '24', '25') THEN 'local'
        ELSE 'operators' END AS segment
FROM (SELECT *, head IN ('17', '19', '21', '22', '23', '24', '25', '26', '27', '28') AS carries
    FROM typed)
LEFT JOIN groupings AS g USING (siren)
LEFT JOIN departements AS d ON d.code = coalesce(g.departement, CASE WHEN carries THEN digits END);

-- Whether a contract has a social consideration; what says both is unknown, as is a blank field.
CREATE VIEW social_fields AS
SELECT social, CASE regexp_matches(plain, 'clause sociale|critere social|reservee?\b')::INT
        - regexp_matches(plain, 'sans objet|pas de consideration')::INT
    WHEN 1 THEN 'with' WHEN -1 THEN 'without' ELSE 'unknown' END AS said
FROM (SELECT social, strip_accents(lower(social)) AS plain FROM (
    SELECT DISTINCT social FROM notices WHERE social IS NOT NULL));

-- Every contract with its territory, its kind of buyer, what is said of it and what becomes of it.
CREATE MACRO contracts(wanted_by, wanted_year, least_eur) AS TABLE
SELECT *, CASE
    WHEN amount IS NULL THEN 'amount_missing'
    WHEN implausible(amount) THEN 'amount_implausible'
    WHEN amount < least_eur THEN 'amount_below'
    WHEN wanted_year IS NOT NULL AND year IS NULL THEN 'date'
    WHEN year <> wanted_year THEN 'year'
    WHEN segment IS NULL THEN 'buyer'
    WHEN territory IS NULL THEN 'place'
    WHEN territory NOT IN (SELECT code FROM territories) THEN 'outside'
    ELSE 'kept' END AS fate
FROM (SELECT c.buyer, amount, c.year, segment,
        CASE WHEN p.region IS NOT NULL THEN 'place' WHEN b.region IS NOT NULL THEN 'buyer'
            ELSE 'nowhere' END AS located,
        CASE WHEN wanted_by = 'region' THEN coalesce(p.region, b.region)
            WHEN p.departement IS NOT NULL THEN p.departement
            WHEN p.region IS NULL OR p.region = b.region THEN b.departement
            END AS territory,
        coalesce(s.said, 'unknown') AS social
    FROM chosen AS c
    LEFT JOIN places AS p ON p.place = c.place AND p.kind IS NOT DISTINCT FROM c.kind
    LEFT JOIN buyers AS b ON b.buyer = c.buyer
    LEFT JOIN social_fields AS s ON s.social = c.social);
