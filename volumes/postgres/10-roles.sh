#!/bin/bash
# First start of an empty database: one role per job, each with a password of its own.
#   ecomweb_owner  owns the tables and runs migrations     ecomweb_app  reads and writes rows, no DDL
#   temporal       owns Temporal's two databases
set -euo pipefail

psql -v ON_ERROR_STOP=1 --no-psqlrc --username "${POSTGRES_USER:-postgres}" --dbname postgres \
  -v owner_password="$OWNER_DB_PASSWORD" -v app_password="$APP_DB_PASSWORD" -v temporal_password="$TEMPORAL_DB_PASSWORD" <<'SQL'
CREATE ROLE ecomweb_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE ecomweb_app LOGIN PASSWORD :'app_password';
CREATE ROLE temporal LOGIN CREATEDB PASSWORD :'temporal_password';
-- A migration that cannot get its lock soon gives up instead of queueing every query behind it.
ALTER ROLE ecomweb_owner SET lock_timeout = '5s';
CREATE DATABASE ecomweb OWNER ecomweb_owner;
\connect ecomweb
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO ecomweb_owner;
GRANT USAGE ON SCHEMA public TO ecomweb_app;
ALTER DEFAULT PRIVILEGES FOR ROLE ecomweb_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ecomweb_app;
ALTER DEFAULT PRIVILEGES FOR ROLE ecomweb_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO ecomweb_app;
SQL
