# Runs with bash inside an image, without a network: one `key<TAB>value` a line, an empty value where a thing is missing.
# Only what bash itself can do, since nothing else of the image is known yet.
found() { printf '%s\t%s\n' "$1" "$2"; }
present() { [[ -r $1 ]] && found "$2" "$1" || found "$2" ''; }
# The first word of a command line, as far as this image can run it.
program() { set -- $1 && type -P "${1-}"; }

found uid "$EUID"
for name in node pm2 pm2-runtime drain-streams; do found "$name" "$(type -P "$name")"; done
for name in READY_COMMAND MIGRATE_COMMAND REPLAY_COMMAND; do found "$name" "$(program "${!name-}")"; done
for name in API_ENTRY REPORTS_ENTRY CRON_ENTRY WORKER_ENTRY; do present "${!name:-/nonexistent}" "$name"; done
shopt -s nullglob
migrations=${MIGRATIONS_DIR:-prisma/migrations}
files=("$migrations"/*/migration.sql)
readable=()
for file in "${files[@]}"; do [[ -r $file ]] && readable+=("$file"); done
if [[ ${#files[@]} -eq ${#readable[@]} && -x $migrations ]]; then found migrations "${#files[@]}"; else found migrations ''; fi
