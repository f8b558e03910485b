-- The rules of the import, second part: rows of all files → contracts, placed and judged.

-- One row per contract, by the ministry's rule: buyer, id, first holder, date and amount; without
-- an id every row is a contract. Rows of a file with a row per holder are one publication first.
-- Only rows that share buyer and id with others are compared.
CREATE TABLE several AS
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

CREATE TABLE publications AS
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
    SELECT siren, siren[1:2] AS head,
        CASE siren[3:4] WHEN '97' THEN siren[3:5] WHEN '98' THEN siren[3:5] ELSE siren[3:4] END
            AS digits
    FROM (SELECT DISTINCT siren FROM notices) WHERE regexp_full_match(siren, '\d{9}'))
SELECT siren, d.code AS departement,
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
FROM (SELECT siren, amount, c.year, segment,
        CASE WHEN p.region IS NOT NULL THEN 'place' WHEN b.region IS NOT NULL THEN 'buyer'
            ELSE 'nowhere' END AS located,
        CASE WHEN wanted_by = 'region' THEN coalesce(p.region, b.region)
            WHEN p.departement IS NOT NULL THEN p.departement
            WHEN p.region IS NULL OR p.region = b.region THEN b.departement
            END AS territory,
        coalesce(s.said, 'unknown') AS social
    FROM chosen AS c
    LEFT JOIN places AS p ON p.place = c.place AND p.kind IS NOT DISTINCT FROM c.kind
    LEFT JOIN buyers AS b USING (siren)
    LEFT JOIN social_fields AS s ON s.social = c.social);
