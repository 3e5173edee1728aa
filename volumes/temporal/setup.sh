#!/bin/sh
# Brings Temporal's two databases to the schema of this version; run again it changes nothing.
set -eu

tool() {
  temporal-sql-tool --plugin postgres12 --ep "$POSTGRES_SEEDS" --port "$DB_PORT" --user "$POSTGRES_USER" --password "$POSTGRES_PWD" "$@"
}

for pair in "${DBNAME:-temporal}:temporal" "${VISIBILITY_DBNAME:-temporal_visibility}:visibility"; do
  database=${pair%%:*}
  tool --database "$database" create-database
  tool --database "$database" setup-schema -v 0.0
  tool --database "$database" update-schema --schema-dir "/etc/temporal/schema/postgresql/v12/${pair##*:}/versioned"
done
