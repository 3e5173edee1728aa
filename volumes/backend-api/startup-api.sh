#!/usr/bin/env bash
# Starts the API: brings the schema up to date (one of the colours does, the other waits for it), then hands over to
# PM2. MIGRATE_COMMAND waits for the database itself, at most READY_MAX_ATTEMPTS times READY_INTERVAL_MS.
# An image that names REPORTS_ENTRY has a reports backend beside its API: both must answer /health at the start, within
# REPORTS_START_ATTEMPTS looks, REPORTS_START_PAUSE_MS apart. Afterwards PM2 alone brings back what ends.
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
pm2=(pm2-runtime start "$(dirname "${BASH_SOURCE[0]}")/ecosystem.api.config.js")
[[ -n ${REPORTS_ENTRY:-} ]] || exec "${pm2[@]}"

# PM2 never ends while one of its applications runs, so it would not tell that the other cannot even start.
both_answer() {
  local attempts=${REPORTS_START_ATTEMPTS:-10} pause_ms=${REPORTS_START_PAUSE_MS:-2000} attempt missing
  local authority=${REPORTS_BACKEND_URL:-http://127.0.0.1:8080}
  authority=${authority#http://}
  local host=${authority%:*} port=${authority##*:}
  host=${host#[} host=${host%]}
  for ((attempt = 1; attempt <= attempts; attempt++)); do
    sleep "$(printf '%d.%03d' $((pause_ms / 1000)) $((pause_ms % 1000)))"
    kill -0 "$1" 2>/dev/null || return 1
    missing=
    healthy "$host" "$port" || missing="the reports backend ($authority)"
    healthy 127.0.0.1 "${PORT:-3001}" || missing+="${missing:+ and }the API (port ${PORT:-3001})"
    if [[ -z $missing ]]; then
      echo "api ${ECOMWEB_COLOUR:-}: the API and the reports backend both answer"
      return
    fi
  done
  echo "api ${ECOMWEB_COLOUR:-}: no answer to GET /health from $missing after $attempts attempts, $pause_ms ms apart" >&2
  return 1
}
run_checked both_answer "${pm2[@]}"
