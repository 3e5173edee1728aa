#!/usr/bin/env bash
# Starts the workers once the database has the migrations of this image and Temporal has its namespace.
set -Eeuo pipefail
cd /app
. "$(dirname "${BASH_SOURCE[0]}")/startup.sh"

unset MIGRATE_DATABASE_URL
echo 'worker: waiting for the database and Temporal'
# shellcheck disable=SC2086
run ${READY_COMMAND:?the image does not say how to look for the database: set READY_COMMAND} --temporal

echo "worker: starting ${WORKER_ENTRY:?the image does not name its worker: set WORKER_ENTRY}"
exec pm2-runtime start "$(dirname "${BASH_SOURCE[0]}")/ecosystem.worker.config.js"
