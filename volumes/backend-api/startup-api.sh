#!/usr/bin/env bash
# Starts the API: brings the schema up to date (one of the colours does, the other waits for it), then hands over to
# PM2. MIGRATE_COMMAND waits for the database itself, at most READY_MAX_ATTEMPTS times READY_INTERVAL_MS.
set -Eeuo pipefail
cd /app
. "$(dirname "${BASH_SOURCE[0]}")/startup.sh"

echo "api ${ECOMWEB_COLOUR:-}: migrating the database"
# The commands are words of a command line, hence unquoted.
# shellcheck disable=SC2086
run ${MIGRATE_COMMAND:?the image does not say how to migrate: set MIGRATE_COMMAND}

# Nothing that serves requests needs the owner's password.
unset MIGRATE_DATABASE_URL
echo "api ${ECOMWEB_COLOUR:-}: starting ${API_ENTRY:?the image does not name its API: set API_ENTRY}"
exec pm2-runtime start "$(dirname "${BASH_SOURCE[0]}")/ecosystem.api.config.js"
