-- The two roles of a host. The image of PostgreSQL runs this once, as superuser, in the database POSTGRES_DB.
--
--   berceau_migrate   owns the tables: creates, alters and drops them   MIGRATION_DATABASE_URL
--   berceau_app       reads and writes rows, and nothing else           DATABASE_URL
--
-- By hand, on any PostgreSQL from 15 on, with the two variables below in the environment:
--   psql -v ON_ERROR_STOP=1 -d the_database -f docker/postgres/roles.sql

\getenv migrate_password BERCEAU_MIGRATE_PASSWORD
\getenv app_password BERCEAU_APP_PASSWORD
SELECT current_database() AS database \gset

BEGIN;

CREATE ROLE berceau_migrate LOGIN PASSWORD :'migrate_password';
CREATE ROLE berceau_app LOGIN PASSWORD :'app_password';

-- Others are kept out altogether; with this also goes everyone's right to make temporary tables.
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT, CREATE ON DATABASE :"database" TO berceau_migrate;
GRANT CONNECT ON DATABASE :"database" TO berceau_app;

ALTER SCHEMA public OWNER TO berceau_migrate;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO berceau_app;

-- For every table that a migration will make.
ALTER DEFAULT PRIVILEGES FOR ROLE berceau_migrate IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO berceau_app;
ALTER DEFAULT PRIVILEGES FOR ROLE berceau_migrate IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO berceau_app;

COMMIT;
