SELECT * FROM orders
---
select * from ORDERS limit 10
---
SELECT id, city, amount FROM orders WHERE amount > 100 AND city <> 'Rome' ORDER BY amount DESC, id LIMIT 5 OFFSET 1
---
FROM orders
---
FROM orders SELECT city, amount WHERE paid
---
TABLE customers;
---
VALUES (1, 'a'), (2, 'b')
---
SELECT city, count(*) AS orders, sum(amount) AS total, round(avg(amount), 2) AS mean FROM orders GROUP BY city HAVING count(*) > 1 ORDER BY total DESC
---
SELECT city, count(*) FROM orders GROUP BY ALL ORDER BY ALL
---
SELECT city, paid, sum(amount) FROM orders GROUP BY ROLLUP (city, paid)
---
SELECT city, paid, sum(amount), grouping(city) FROM orders GROUP BY CUBE (city, paid)
---
SELECT city, paid, count(*) FROM orders GROUP BY GROUPING SETS ((city), (paid), ())
---
SELECT o.id, c.name, o.amount FROM orders o JOIN customers c ON o.customer = c.id
---
SELECT c.name, count(o.id) AS n FROM customers c LEFT JOIN orders o ON o.customer = c.id GROUP BY c.name
---
SELECT * FROM orders FULL OUTER JOIN customers ON orders.customer = customers.id
---
SELECT * FROM customers c WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer = c.id)
---
SELECT * FROM customers SEMI JOIN orders ON orders.customer = customers.id
---
SELECT * FROM customers ANTI JOIN orders ON orders.customer = customers.id
---
SELECT a.id, b.id FROM orders a CROSS JOIN orders b WHERE a.id < b.id
---
SELECT o.id, c.name FROM orders o ASOF JOIN customers c ON o.customer = c.id AND o.placed >= c.joined
---
SELECT * FROM orders JOIN customers USING (id)
---
SELECT o.id, l.double FROM orders o, LATERAL (SELECT o.amount * 2 AS double) l
---
SELECT * FROM "Sales 2024" WHERE "total amount" IS NOT NULL
---
SELECT region, "total amount"::DECIMAL(12, 2) FROM "Sales 2024"
---
WITH big AS (SELECT * FROM orders WHERE amount > 100), by_city AS (SELECT city, sum(amount) AS total FROM big GROUP BY city) SELECT * FROM by_city ORDER BY total
---
WITH orders AS (SELECT * FROM orders WHERE paid) SELECT count(*) FROM orders
---
WITH RECURSIVE days AS (SELECT DATE '2024-01-01' AS day UNION ALL SELECT day + INTERVAL 1 DAY FROM days WHERE day < DATE '2024-01-31') SELECT d.day, count(o.id) FROM days d LEFT JOIN orders o ON o.placed = d.day GROUP BY d.day ORDER BY d.day
---
WITH x(a, b) AS MATERIALIZED (VALUES (1, 2)) SELECT a + b FROM x
---
SELECT id, row_number() OVER (PARTITION BY customer ORDER BY placed) AS nth FROM orders
---
SELECT id, amount, sum(amount) OVER (ORDER BY placed ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS moving FROM orders
---
SELECT placed, amount, lag(amount) OVER w AS before, amount - lag(amount) OVER w AS change FROM orders WINDOW w AS (ORDER BY placed)
---
SELECT placed, avg(amount) OVER (ORDER BY placed RANGE BETWEEN INTERVAL 7 DAYS PRECEDING AND INTERVAL 7 DAYS FOLLOWING) FROM orders
---
SELECT city, amount, rank() OVER (PARTITION BY city ORDER BY amount DESC), ntile(4) OVER (ORDER BY amount), percent_rank() OVER (ORDER BY amount), cume_dist() OVER (ORDER BY amount) FROM orders
---
SELECT * FROM orders QUALIFY row_number() OVER (PARTITION BY city ORDER BY amount DESC) = 1
---
SELECT first_value(note IGNORE NULLS) OVER (ORDER BY id) FROM orders
---
SELECT DISTINCT city FROM orders
---
SELECT DISTINCT ON (city) city, id, amount FROM orders ORDER BY city, amount DESC
---
SELECT * EXCLUDE (note) FROM orders
---
SELECT * REPLACE (round(amount) AS amount) FROM orders
---
SELECT * RENAME (amount AS money) FROM orders
---
SELECT min(COLUMNS('.*a.*')) FROM orders
---
SELECT COLUMNS(lambda c: c LIKE 'c%') FROM orders
---
SELECT CASE WHEN amount > 100 THEN 'big' WHEN amount > 10 THEN 'middle' ELSE 'small' END AS size, count(*) FROM orders GROUP BY 1 ORDER BY 2 DESC
---
SELECT coalesce(note, 'none'), nullif(city, 'Rome'), ifnull(note, ''), if(paid, 1, 0) FROM orders
---
SELECT date_trunc('month', placed) AS month, sum(amount) FROM orders GROUP BY month ORDER BY month
---
SELECT year(placed), month(placed), dayofweek(placed), strftime(placed, '%d.%m.%Y'), date_diff('day', placed, DATE '2024-12-31'), placed + INTERVAL 3 MONTH, last_day(placed) FROM orders
---
SELECT extract(hour FROM seen), date_part('minute', seen), seen::DATE, seen::TIME, time_bucket(INTERVAL '1 hour', seen), seen AT TIME ZONE 'UTC' FROM orders
---
SELECT strptime('24.12.2024', '%d.%m.%Y'), try_strptime('x', '%Y'), make_date(2024, 2, 29), to_timestamp(0), age(DATE '2020-01-01', DATE '2010-01-01'), current_date, now()
---
SELECT upper(city), lower(city), length(city), trim(note), city || ' ' || id, concat_ws('-', city, id), replace(city, 'R', 'r'), substr(city, 1, 3), left(city, 2), split_part(note, ' ', 1), lpad(id::VARCHAR, 5, '0') FROM orders
---
SELECT list_reverse(string_split(city, 'o')), city[1:2], city[-1] FROM orders
---
SELECT regexp_matches(city, '^R'), regexp_extract(note, '(\w+)', 1), regexp_replace(note, '\s+', ' ', 'g'), regexp_split_to_array(note, ' ') FROM orders
---
SELECT * FROM orders WHERE city LIKE 'R%' OR city ILIKE '%me' OR city SIMILAR TO '(Rome|Oslo)' OR note GLOB '*a*'
---
SELECT * FROM orders WHERE city IN ('Rome', 'Oslo') AND amount BETWEEN 1 AND 1000 AND note IS NOT NULL
---
SELECT * FROM orders WHERE amount > (SELECT avg(amount) FROM orders)
---
SELECT * FROM orders WHERE amount >= ALL (SELECT amount FROM orders)
---
SELECT TRY_CAST(note AS INTEGER), CAST(amount AS INTEGER), amount::VARCHAR, '2024-01-01'::DATE, 1e3, 0xFF, 1_000 FROM orders
---
SELECT median(amount), quantile_cont(amount, [0.25, 0.5, 0.75]), stddev(amount), var_samp(amount), corr(id, amount), regr_slope(amount, id), mode(city), approx_count_distinct(city), kurtosis(amount), skewness(amount), entropy(city) FROM orders
---
SELECT count(DISTINCT city), count(*) FILTER (WHERE paid), sum(amount) FILTER (paid), string_agg(city, ', ' ORDER BY city), array_agg(id ORDER BY id), arg_max(id, amount), max(amount, 3), bool_and(paid) FROM orders
---
SELECT histogram(city), list(DISTINCT city), any_value(city), first(city ORDER BY id) FROM orders
---
SELECT [1, 2, 3][1], list_sum([1, 2]), list_sort(['b', 'a']), list_transform([1, 2], lambda x: x * 2), list_filter([1, 2, 3], lambda x: x > 1), [x * 2 FOR x IN [1, 2, 3] IF x > 1], len([1]), list_contains([1], 1), array_to_string(['a', 'b'], ','), list_reduce([1, 2, 3], lambda a, b: a + b)
---
SELECT unnest([1, 2, 3]) AS n
---
SELECT id, unnest(string_split(note, ' ')) AS word FROM orders
---
SELECT ({'a': 1}).a, {'b': 'x'}['b'], struct_pack(x := 1), row(1, 2), map {'k': 1}['k'], map_keys(map {'k': 1})
---
SELECT '{"a": {"b": [1, 2]}}'::JSON AS j, j->'a', j->>'$.a.b[0]', json_extract_string(j, '$.a'), json_array_length(j, '$.a.b'), json_keys(j)
---
SELECT key, value FROM json_each('{"a": 1, "b": 2}')
---
SELECT to_json(o) FROM orders o LIMIT 2
---
SELECT n, n * n AS square FROM range(1, 11) t(n)
---
SELECT * FROM generate_series(DATE '2024-01-01', DATE '2024-01-07', INTERVAL 1 DAY) AS t(day)
---
SELECT city, sum(amount) FROM orders GROUP BY city UNION ALL SELECT 'all', sum(amount) FROM orders
---
SELECT city FROM orders EXCEPT SELECT 'Rome' ORDER BY 1
---
SELECT city FROM orders INTERSECT SELECT region FROM "Sales 2024"
---
SELECT id, city FROM orders UNION ALL BY NAME SELECT id, name FROM customers
---
FROM orders PIVOT (sum(amount) AS total, count(*) AS n FOR city IN ('Rome', 'Oslo') GROUP BY paid)
---
PIVOT orders ON city IN ('Rome', 'Oslo') USING sum(amount) GROUP BY paid
---
UNPIVOT (SELECT region, quarter, "total amount" FROM "Sales 2024") ON "total amount" INTO NAME what VALUE amount
---
FROM orders UNPIVOT INCLUDE NULLS (value FOR name IN (city, note))
---
SELECT * FROM orders USING SAMPLE 3 ROWS
---
SELECT * FROM orders TABLESAMPLE reservoir(50%) REPEATABLE (42)
---
DESCRIBE orders
---
SUMMARIZE orders
---
DESCRIBE SELECT city, count(*) FROM orders GROUP BY city
---
SELECT column_name, null_percentage FROM (SUMMARIZE orders)
---
SELECT abs(-1), ceil(1.2), floor(1.8), round(1.234, 2), sqrt(2), power(2, 3), 7 // 2, 7 % 2, 2 ** 3, ln(1), log10(100), exp(1), sign(-2), greatest(1, 2), least(1, 2), pi(), random() < 2, isnan(0.5), trunc(1.9)
---
SELECT TRY(1 / 0), 1 / NULLIF(0, 0), amount / NULLIF(id - id, 0) FROM orders
---
SELECT levenshtein('kitten', 'sitting'), jaro_winkler_similarity('a', 'b'), soundless.x FROM (SELECT damerau_levenshtein('ab', 'ba') AS x) soundless
---
SELECT md5(city), sha256(city), hash(city) % 10, base64(encode(city)) FROM orders
---
SELECT amount AS money, money * 2 AS double FROM orders
---
SELECT total: sum(amount), city: city FROM orders GROUP BY city
---
-- the best city
SELECT city /* a name */ FROM orders ORDER BY amount DESC NULLS LAST LIMIT 1
---
SELECT 'it''s', e'a\tb', $$any 'quote'$$, 'ünïcödé 数据', '' AS "x y"
FROM orders
---
SELECT current_timestamp > TIMESTAMP '2020-01-01 00:00:00', DATE '2024-02-29' - DATE '2024-02-01', INTERVAL '2' HOUR
---
SELECT ('a', 1) = ('a', 1), (id, city) IN ((1, 'Rome')) FROM orders
---
SELECT city COLLATE NOCASE FROM orders ORDER BY city COLLATE NOCASE
---
SELECT * FROM orders POSITIONAL JOIN customers
---
SELECT CAST(id::VARCHAR AS ENUM('1', '2')) FROM orders WHERE id < 3
---
SELECT bit_count(7), 5 & 3, 5 | 3, 1 << 4, xor(5, 3), '101'::BIT
---
SELECT format('{} has {:.2f}', city, amount), printf('%05d', id), chr(65), ascii('A'), strip_accents('é'), reverse(city), repeat('ab', 2), position('o' IN city), starts_with(city, 'R'), contains(city, 'o') FROM orders
---
SELECT typeof(amount), uuid() IS NOT NULL, alias(city) FROM orders LIMIT 1
---
SELECT * FROM (SELECT city, count(*) AS n FROM orders GROUP BY city) WHERE n > 1
---
SELECT x.city FROM (FROM orders) x
