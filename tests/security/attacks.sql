-- Statements that must not run, one a line; see test_sql_statements.py for what {file} and the others stand for.

-- # Statements that change something
DELETE FROM orders
INSERT INTO orders SELECT * FROM orders
UPDATE orders SET amount = 0
TRUNCATE orders
MERGE INTO orders USING customers ON orders.customer = customers.id WHEN MATCHED THEN DELETE
DROP TABLE secret
DROP VIEW orders
ALTER TABLE secret RENAME TO orders2
CREATE TABLE mine AS SELECT * FROM orders
CREATE OR REPLACE TABLE secret AS SELECT 1 AS a
CREATE TEMP TABLE mine AS SELECT 1 AS a
CREATE VIEW mine AS SELECT * FROM secret
CREATE OR REPLACE VIEW orders AS SELECT * FROM secret
CREATE MACRO upper(x) AS (SELECT string_agg(word, ',') FROM secret)
CREATE OR REPLACE TEMP MACRO lower(x) AS getenv('HOME')
CREATE MACRO rows_of() AS TABLE SELECT * FROM secret
CREATE SCHEMA mine
CREATE SEQUENCE numbers
CREATE TYPE mood AS ENUM ('a')
CREATE INDEX fast ON secret (word)
CREATE SECRET here (TYPE s3, KEY_ID 'a', SECRET 'b')
CREATE PERSISTENT SECRET here (TYPE s3, KEY_ID 'a', SECRET 'b')
CREATE TRIGGER t AFTER INSERT ON secret FOR EACH STATEMENT DELETE FROM secret
COMMENT ON TABLE secret IS 'seen'
SELECT * INTO mine FROM orders
VACUUM
CHECKPOINT
FORCE CHECKPOINT
ANALYZE
WITH gone AS (DELETE FROM secret RETURNING *) SELECT * FROM gone
WITH gone AS MATERIALIZED (DELETE FROM secret RETURNING *) SELECT 1
WITH new AS (INSERT INTO secret VALUES ('x') RETURNING *) SELECT * FROM new
WITH new AS (UPDATE secret SET word = 'x' RETURNING *) SELECT * FROM new
WITH new AS (DELETE FROM orders RETURNING *) TABLE new
SELECT * FROM orders WHERE id IN (WITH x AS (DELETE FROM secret RETURNING *) SELECT 1 FROM x)
SELECT (WITH x AS (DELETE FROM secret RETURNING word) SELECT any_value(word) FROM x)
WITH a AS (WITH b AS (DELETE FROM secret RETURNING *) SELECT * FROM b) SELECT * FROM a
SELECT * FROM orders UNION ALL (WITH x AS (DELETE FROM secret RETURNING *) SELECT * FROM x)
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL (WITH x AS (DELETE FROM secret RETURNING 1) SELECT n FROM r)) FROM r
EXPLAIN ANALYZE DELETE FROM secret
EXPLAIN ANALYZE SELECT * FROM secret
EXPLAIN DELETE FROM secret
EXPLAIN SELECT 1

-- # Statements that reach files and servers
SELECT * FROM '{file}'
FROM '{file}'
FROM "{file}"
SELECT * FROM "{parquet}"
SELECT * FROM '{folder}/*.csv'
TABLE '{file}'
SELECT * FROM read_csv('{file}')
SELECT * FROM read_csv_auto('{file}')
SELECT * FROM READ_CSV('{file}')
SELECT * FROM "read_csv"('{file}')
SELECT * FROM read_parquet('{parquet}')
SELECT * FROM parquet_scan('{parquet}')
SELECT * FROM parquet_metadata('{parquet}')
SELECT * FROM parquet_schema('{parquet}')
SELECT * FROM parquet_file_metadata('{parquet}')
SELECT * FROM parquet_kv_metadata('{parquet}')
SELECT * FROM parquet_bloom_probe('{parquet}', 'word', 'x')
SELECT * FROM read_json('{file}')
SELECT * FROM read_json_auto('{file}')
SELECT * FROM read_json_objects('{file}')
SELECT * FROM read_ndjson('{file}')
SELECT * FROM read_ndjson_objects('{file}')
SELECT * FROM read_text('{file}')
SELECT * FROM read_blob('{file}')
SELECT content FROM read_text('{folder}/*')
SELECT * FROM glob('{folder}/*')
SELECT * FROM sniff_csv('{file}')
SELECT * FROM read_duckdb('{file}')
SELECT (SELECT max(content) FROM read_text('{file}'))
SELECT * FROM orders, read_text('{file}')
SELECT * FROM orders JOIN LATERAL (SELECT * FROM read_text('{file}')) ON true
SELECT list_transform([1], x -> (SELECT max(content) FROM read_text('{file}')))
SELECT * FROM orders ORDER BY (SELECT max(content) FROM read_text('{file}'))
SELECT * FROM orders LIMIT (SELECT count(*) FROM read_text('{file}'))
SELECT * FROM orders LIMIT 1 OFFSET (SELECT count(*) FROM '{file}')
SELECT sum(amount) FILTER ((SELECT count(*) FROM read_text('{file}')) > 0) FROM orders
SELECT count(*) OVER (PARTITION BY (SELECT max(content) FROM read_text('{file}'))) FROM orders
SELECT city, count(*) FROM orders GROUP BY city HAVING (SELECT count(*) FROM read_text('{file}')) > 0
SELECT * FROM orders QUALIFY row_number() OVER (ORDER BY (SELECT max(content) FROM read_text('{file}'))) = 1
SELECT CASE WHEN true THEN (SELECT max(content) FROM read_text('{file}')) END
SELECT * FROM (VALUES ((SELECT max(content) FROM read_text('{file}'))))
SELECT * REPLACE ((SELECT max(content) FROM read_text('{file}')) AS city) FROM orders
SELECT DISTINCT ON ((SELECT max(content) FROM read_text('{file}'))) * FROM orders
FROM orders PIVOT (max((SELECT max(content) FROM read_text('{file}'))) FOR city IN ('Rome'))
UNPIVOT (SELECT * FROM read_text('{file}')) ON content
PIVOT (FROM read_text('{file}')) ON filename IN ('x') USING max(content)
DESCRIBE SELECT * FROM read_csv('{file}')
DESCRIBE '{file}'
SUMMARIZE SELECT * FROM read_csv('{file}')
SUMMARIZE '{file}'
COPY orders TO '{folder}/out.csv'
COPY (SELECT * FROM orders) TO '{folder}/out.parquet' (FORMAT parquet)
COPY secret FROM '{file}'
COPY FROM DATABASE memory TO other
EXPORT DATABASE '{folder}/all'
IMPORT DATABASE '{folder}/all'
WITH x AS (COPY orders TO '{folder}/out.csv') SELECT * FROM x
WITH x AS (COPY (SELECT * FROM secret) TO '{folder}/out.csv') SELECT 1
SELECT * FROM (COPY orders TO '{folder}/out.csv')
ATTACH '{folder}/new.db'
ATTACH '{folder}/new.db' AS other
ATTACH ':memory:' AS other
DETACH memory
USE memory.main
INSTALL httpfs
LOAD '{folder}/evil.duckdb_extension'
FORCE INSTALL 'https://example.com/evil.duckdb_extension'
UPDATE EXTENSIONS
SELECT * FROM 'https://example.com/x.parquet'
SELECT * FROM read_csv('https://example.com/x.csv')
SELECT * FROM iceberg_scan('{folder}')
SELECT * FROM postgres_scan('host=localhost', 'public', 'x')
SELECT * FROM sqlite_scan('{folder}/x.db', 'x')
SELECT write_log('x')
SELECT getenv('HOME')
SELECT file_exists('{file}')

-- # Settings, waiting, text that runs as SQL, functions called by a computed name
SET enable_external_access = true
SET GLOBAL memory_limit = '100GB'
SET SESSION threads = 64
SET VARIABLE x = 1
SET lock_configuration = false
SET temp_directory = '{folder}'
SET enable_logging = true
SET s3_secret_access_key = 'x'
RESET memory_limit
RESET ALL
PRAGMA database_list
PRAGMA table_info('secret')
PRAGMA enable_profiling
PRAGMA memory_limit = '100GB'
PRAGMA enable_object_cache
CALL pragma_version()
CALL enable_logging()
CALL enable_logging(storage := 'file', storage_path := '{folder}')
CALL disable_logging()
CALL force_checkpoint()
CALL checkpoint()
CALL enable_profiling()
CALL start_ui()
CALL read_csv('{file}')
SELECT current_setting('temp_directory')
SELECT getvariable('x')
SELECT setseed(0.5)
SELECT nextval('numbers')
SELECT currval('numbers')
SELECT sleep_ms(100000)
SELECT txid_current()
SELECT pg_sleep(10)
SELECT in_search_path('memory', 'main')
SELECT version()
SELECT current_query()
SELECT current_database()
SELECT current_schemas(true)
SELECT current_connection_id()
SELECT parse_duckdb_log_message('x', 'y')
SELECT json_serialize_sql('SELECT 1')
SELECT json_serialize_plan('SELECT 1')
SELECT json_execute_serialized_sql(json_serialize_sql('DELETE FROM secret'))
SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT * FROM secret'))
PRAGMA json_execute_serialized_sql('x')
SELECT json_deserialize_sql('x')
SELECT from_substrait('x')
SELECT get_block_size('memory')
SELECT add_parquet_key('k', '0123456789112345')
SELECT which_secret('s3://x', 's3')
SELECT vector_type(city) FROM orders
SELECT stats(city) FROM orders
SELECT invoke('read_text', '{file}')
SELECT list_aggregate([1, 2], 'sum')
SELECT list_aggr([1, 2], 'sum')
SELECT aggregate([1, 2], 'sum')
SELECT array_aggr([1, 2], 'sum')
SELECT is_secret_type('s3')
SELECT has_table_privilege('secret', 'x')
SELECT pg_get_viewdef(1)
SELECT col_description(1, 1)
SELECT create_sort_key(city, 'ASC') FROM orders
SELECT combine(1, 2)
SELECT finalize(city) FROM orders
SELECT from_json('[1]', '["INTEGER"]')
SELECT json_transform('[1]', '["INTEGER"]')

-- # What the engine knows, tables that were not given, names that hide them
SELECT * FROM secret
SELECT * FROM SECRET
SELECT * FROM "secret"
TABLE secret
FROM secret
SELECT * FROM main.secret
SELECT * FROM memory.secret
SELECT * FROM memory.main.secret
SELECT * FROM memory.main.orders
SELECT * FROM main.orders
SELECT * FROM temp.orders
SELECT word FROM orders, secret
SELECT * FROM orders NATURAL JOIN secret
SELECT * FROM orders WHERE city IN (SELECT word FROM secret)
SELECT EXISTS (FROM secret)
SELECT (FROM secret SELECT max(word))
SELECT * FROM (SELECT * FROM (SELECT * FROM secret))
WITH secret AS (SELECT * FROM secret) SELECT * FROM secret
WITH RECURSIVE secret AS (SELECT * FROM secret) SELECT * FROM secret
WITH RECURSIVE secret AS (SELECT * FROM secret UNION ALL SELECT * FROM secret) SELECT * FROM secret
WITH SECRET AS (SELECT * FROM Secret) SELECT * FROM secret
WITH a AS (SELECT * FROM secret), secret AS (SELECT 1) SELECT * FROM a
WITH a AS (WITH secret AS (SELECT 1) SELECT 1) SELECT * FROM secret
SELECT * FROM (WITH secret AS (SELECT 1 AS word) SELECT * FROM secret), secret
SELECT (WITH secret AS (SELECT 1) SELECT 1) FROM secret
(WITH secret AS (SELECT 1) SELECT 1) UNION ALL SELECT * FROM secret
SELECT * FROM orders AS secret, secret AS other
SELECT * FROM secret AS orders
WITH x AS (SELECT 1), x2 AS (SELECT * FROM x) SELECT * FROM x3
DESCRIBE secret
DESC secret
SUMMARIZE secret
SHOW secret
SHOW TABLES
SHOW ALL TABLES
SHOW DATABASES
SHOW SCHEMAS
SHOW VARIABLES
SHOW memory_limit
SELECT * FROM (SHOW TABLES)
SELECT * FROM (SHOW ALL TABLES)
SELECT * FROM (DESCRIBE secret)
SELECT * FROM (SUMMARIZE secret)
DESCRIBE
SELECT * FROM duckdb_settings()
SELECT * FROM duckdb_tables()
SELECT * FROM duckdb_tables
SELECT * FROM duckdb_views()
SELECT * FROM duckdb_secrets()
SELECT * FROM duckdb_columns()
SELECT * FROM duckdb_databases()
SELECT * FROM duckdb_functions()
SELECT * FROM duckdb_extensions()
SELECT * FROM duckdb_logs()
SELECT * FROM duckdb_logs
SELECT * FROM duckdb_memory()
SELECT * FROM duckdb_temporary_files()
SELECT * FROM duckdb_variables()
SELECT * FROM duckdb_prepared_statements()
SELECT * FROM duckdb_external_file_cache()
SELECT * FROM duckdb_approx_database_count()
SELECT * FROM duckdb_secret_types()
SELECT * FROM duckdb_log_contexts()
SELECT * FROM pragma_database_list
SELECT * FROM pragma_database_list()
SELECT * FROM pragma_table_info('secret')
SELECT * FROM pragma_storage_info('secret')
SELECT * FROM pragma_show('secret')
SELECT * FROM pragma_version()
SELECT * FROM pragma_metadata_info()
SELECT * FROM pragma_user_agent()
SELECT * FROM pragma_platform()
SELECT * FROM pragma_collations()
SELECT * FROM pragma_database_size()
SELECT * FROM pragma_last_profiling_output()
SELECT * FROM storage_info('secret')
SELECT * FROM sqlite_master
SELECT * FROM sqlite_schema
SELECT * FROM information_schema.tables
SELECT * FROM information_schema.columns
SELECT * FROM pg_catalog.pg_class
SELECT * FROM pg_class
SELECT * FROM pg_tables
SELECT * FROM pg_views
SELECT * FROM query('SELECT * FROM secret')
SELECT * FROM query('DELETE FROM secret')
SELECT * FROM query_table('secret')
SELECT * FROM query_table(['orders', 'secret'])
FROM QUERY_TABLE("secret")
SELECT * FROM seq_scan('secret')
SELECT * FROM index_scan('secret')
SELECT * FROM histogram('secret', 'word')
SELECT * FROM histogram_values('secret', 'word')
SELECT * FROM summary((SELECT * FROM secret))
SELECT * FROM sql_auto_complete('SELECT')
SELECT * FROM check_peg_parser('SELECT')
SELECT * FROM test_all_types()
SELECT * FROM test_vector_types(NULL::INTEGER)
SELECT * FROM repeat_row(1, num_rows := 10)
SELECT * FROM arrow_scan(1, 2, 3)
SELECT * FROM arrow_scan_dumb(1, 2, 3)
SELECT * FROM pandas_scan(1)
SELECT * FROM python_map_function()
SELECT * FROM df
SELECT * FROM orders AT (VERSION => 1)
SELECT pg_catalog.pg_get_expr('x', 1)
SELECT system.main.getenv('HOME')
SELECT main.upper('x')
SELECT memory.main.mine('x')
SELECT city.getenv() FROM orders
SELECT 'HOME'.getenv()
SELECT ('HOME').getenv()
SELECT [x.getenv() FOR x IN ['HOME']]
SELECT list_transform(['HOME'], lambda x: getenv(x))
SELECT list_reduce(['a', 'b'], (x, y) -> getenv(y))
SELECT sum(getvariable('x')::INT) OVER () FROM orders
SELECT 'secret'::regclass
SELECT 'int'::regtype
SELECT CAST('x' AS main.mood)
SELECT CAST('x' AS mood)

-- # More than one statement, commands, placeholders
SELECT 1; DELETE FROM secret
SELECT 1; SELECT 2
DELETE FROM secret; SELECT 1
; DELETE FROM secret
SELECT 1;; DROP TABLE secret
SELECT 1 /* ; */ ; /* x */ DROP TABLE secret --
/* SELECT */ DELETE FROM secret
-- SELECT 1{newline}DELETE FROM secret
SELECT ';' ; COPY secret TO '{folder}/out.csv'
SELECT $$;$$ ; DROP TABLE secret
SELECT e'\';DROP TABLE secret --' ; DROP TABLE secret
BEGIN
BEGIN TRANSACTION; DELETE FROM secret; COMMIT
COMMIT
ROLLBACK
ABORT
PREPARE p AS SELECT * FROM secret
EXECUTE p
DEALLOCATE p
SELECT ?
SELECT $1
SELECT $name
CALL range(3)
PIVOT orders ON city USING sum(amount)
PIVOT secret ON word IN ('a') USING count(*)
WITH RECURSIVE r(a, b) USING KEY (a) AS (SELECT 1, 2 UNION SELECT a, b FROM r) SELECT * FROM r
SELECT DEFAULT
HELP
.read {file}
.shell id
\! id
