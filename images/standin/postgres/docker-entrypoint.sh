#!/bin/bash
# The upstream image's contract: on an empty PGDATA, initdb with POSTGRES_USER, POSTGRES_PASSWORD and
# POSTGRES_DB (each also as NAME_FILE), then the scripts in /docker-entrypoint-initdb.d on a server that only
# the local socket reaches; afterwards the given command.
set -Eeuo pipefail

# Takes a variable from the file that NAME_FILE names, as secrets are mounted.
from_file() {
  local file_variable="${1}_FILE"
  local file="${!file_variable:-}"
  if [ -n "$file" ] && [ -n "${!1:-}" ]; then
    echo "Both $1 and $file_variable are set; set one of them." >&2
    exit 1
  fi
  if [ -n "$file" ]; then export "$1=$(<"$file")"; fi
}

sql() { psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc --username "$POSTGRES_USER" "$@"; }

require_password() {
  if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
    echo 'POSTGRES_PASSWORD (or POSTGRES_PASSWORD_FILE) must be set to create a database cluster.' >&2
    exit 1
  fi
}

create_cluster() {
  local -a options=()
  read -ra options <<<"${POSTGRES_INITDB_ARGS:-}"
  initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD:-}") \
    --auth-local=trust --auth-host=scram-sha-256 --encoding=UTF8 "${options[@]}"
  printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$PGDATA/pg_hba.conf"
}

run_init_scripts() {
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh)
        echo "running $file"
        # An executable script runs by itself; any other is read into this shell, as upstream does.
        # shellcheck source=/dev/null
        if [ -x "$file" ]; then "$file"; else . "$file"; fi
        ;;
      *.sql) echo "running $file" && sql --dbname "$POSTGRES_DB" --file "$file" ;;
      *.sql.gz) echo "running $file" && gunzip -c "$file" | sql --dbname "$POSTGRES_DB" ;;
    esac
  done
}

initialise() {
  create_cluster
  pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
  if [ "$POSTGRES_DB" != postgres ]; then
    sql --dbname postgres --set db="$POSTGRES_DB" <<<'CREATE DATABASE :"db"'
  fi
  run_init_scripts
  pg_ctl -D "$PGDATA" -m fast -w stop
}

if [ "${1:0:1}" = - ]; then set -- postgres "$@"; fi

if [ "$1" = postgres ]; then
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA" /var/run/postgresql
    find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
  fi
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA" || true
  if [ ! -s "$PGDATA/PG_VERSION" ]; then
    for name in POSTGRES_USER POSTGRES_PASSWORD POSTGRES_DB; do from_file "$name"; done
    export POSTGRES_USER="${POSTGRES_USER:-postgres}"
    export POSTGRES_DB="${POSTGRES_DB:-$POSTGRES_USER}"
    require_password
    initialise
  fi
  shift
  # The given options come last, so that they win.
  set -- postgres -c 'listen_addresses=*' "$@"
fi
exec "$@"
