#!/usr/bin/env bash
# Starts the schedule once the database has the migrations of this image. It never migrates and needs no colour.
set -Eeuo pipefail
cd /app
. "$(dirname "${BASH_SOURCE[0]}")/startup.sh"

unset MIGRATE_DATABASE_URL
echo 'cron: waiting for the database'
# shellcheck disable=SC2086
run ${READY_COMMAND:?the image does not say how to look for the database: set READY_COMMAND}

echo "cron: starting ${CRON_ENTRY:?the image does not name its schedule: set CRON_ENTRY}"
exec pm2-runtime start "$(dirname "${BASH_SOURCE[0]}")/ecosystem.cron.config.js"
