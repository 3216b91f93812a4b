-- Roles for a database of runs, in the order of their rights. Run it as the database's owner: psql -d DATABASE -f postgresql_roles.sql
-- Logins of people and machines are granted one of them: GRANT synth_searcher TO ann; ALTER ROLE ann SET ROLE synth_searcher;

-- Looks at runs: status, lineage, report, dashboard, export.
CREATE ROLE synth_reader;
-- Goes on with runs that others began (resume, ask, tell), and cannot alter or drop a table.
CREATE ROLE synth_worker;
-- Begins runs (search, copy); owns those that it began.
CREATE ROLE synth_searcher;

REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO synth_reader, synth_worker, synth_searcher;
GRANT CREATE ON DATABASE :"DBNAME" TO synth_searcher;
-- What a searcher will make, others may use.
ALTER DEFAULT PRIVILEGES FOR ROLE synth_searcher GRANT USAGE ON SCHEMAS TO synth_reader, synth_worker;
ALTER DEFAULT PRIVILEGES FOR ROLE synth_searcher GRANT SELECT ON TABLES TO synth_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE synth_searcher GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO synth_worker;
