#!/bin/bash
# The upstream image's contract: on an empty data folder, an installation with MARIADB_ROOT_PASSWORD,
# MARIADB_DATABASE, MARIADB_USER and MARIADB_PASSWORD (each also as NAME_FILE), then the scripts in
# /docker-entrypoint-initdb.d on a server that only the local socket reaches; afterwards the given command.
set -Eeuo pipefail

DATA=/var/lib/mysql
SOCKET=/run/mysqld/mysqld.sock

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

sql() { mariadb --no-defaults --socket="$SOCKET" --user=root --default-character-set=utf8mb4 "$@"; }

# A text as SQL in quotes, a name in backticks.
text() { printf "'%s'" "$(printf %s "${1//\\/\\\\}" | sed "s/'/''/g")"; }
name() { printf '`%s`' "${1//\`/\`\`}"; }

require_password() {
  if [ -z "${MARIADB_ROOT_PASSWORD:-}${MARIADB_ALLOW_EMPTY_ROOT_PASSWORD:-}" ]; then
    echo 'MARIADB_ROOT_PASSWORD (or MARIADB_ROOT_PASSWORD_FILE) must be set to create a database.' >&2
    exit 1
  fi
}

create_accounts() {
  local password
  password="$(text "${MARIADB_ROOT_PASSWORD:-}")"
  if [ -n "${MARIADB_DATABASE:-}" ]; then sql -e "CREATE DATABASE IF NOT EXISTS $(name "$MARIADB_DATABASE")"; fi
  if [ -n "${MARIADB_USER:-}" ]; then
    sql -e "CREATE USER $(text "$MARIADB_USER")@'%' IDENTIFIED BY $(text "${MARIADB_PASSWORD:-}")"
    if [ -n "${MARIADB_DATABASE:-}" ]; then
      sql -e "GRANT ALL ON $(name "$MARIADB_DATABASE").* TO $(text "$MARIADB_USER")@'%'"
    fi
  fi
  # The installation also made roots of other addresses, without a password.
  sql -e "DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost';
          FLUSH PRIVILEGES;
          CREATE USER root@$(text "${MARIADB_ROOT_HOST:-%}") IDENTIFIED BY $password;
          GRANT ALL ON *.* TO root@$(text "${MARIADB_ROOT_HOST:-%}") WITH GRANT OPTION"
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
      *.sql) echo "running $file" && sql --database="${MARIADB_DATABASE:-}" <"$file" ;;
      *.sql.gz) echo "running $file" && gunzip -c "$file" | sql --database="${MARIADB_DATABASE:-}" ;;
    esac
  done
}

initialise() {
  local server
  mariadb-install-db --datadir="$DATA" --skip-test-db --auth-root-authentication-method=normal >/dev/null
  mariadbd --datadir="$DATA" --socket="$SOCKET" --skip-networking &
  server=$!
  until sql -e 'SELECT 1' >/dev/null 2>&1; do
    kill -0 "$server"
    sleep 0.1
  done
  create_accounts
  run_init_scripts
  # Last, since until then the local root needs no password.
  sql -e "ALTER USER root@localhost IDENTIFIED BY $(text "${MARIADB_ROOT_PASSWORD:-}")"
  kill -TERM "$server"
  wait "$server"
}

if [ "${1:0:1}" = - ]; then set -- mariadbd "$@"; fi

if [ "$1" = mariadbd ]; then
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$DATA" /run/mysqld
    find "$DATA" /run/mysqld \! -user mysql -exec chown mysql '{}' +
    exec setpriv --reuid=mysql --regid=mysql --init-groups "$0" "$@"
  fi
  if [ ! -d "$DATA/mysql" ]; then
    for variable in MARIADB_ROOT_PASSWORD MARIADB_DATABASE MARIADB_USER MARIADB_PASSWORD; do from_file "$variable"; done
    require_password
    initialise
  fi
  shift
  # The given options come last, so that they win.
  set -- mariadbd --datadir="$DATA" --bind-address='*' "$@"
fi
exec "$@"
