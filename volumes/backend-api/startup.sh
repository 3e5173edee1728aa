# shellcheck shell=bash
# Sourced by the start-up scripts: runs a command so that a signal to this shell reaches it. A shell would otherwise
# wait for the command to end before it looks at its signals, and `docker stop` would take its full grace period.
run() {
  local code=0
  "$@" &
  local child=$!
  trap 'kill -TERM "$child" 2>/dev/null' TERM INT
  wait "$child" || code=$?
  # a trapped signal ends `wait` early: the command itself may still be finishing
  while kill -0 "$child" 2>/dev/null; do wait "$child" || code=$?; done
  trap - TERM INT
  return "$code"
}

# The same for a command with a check beside it, which is given its process id: when the check fails, the command is
# ended and the result is 1.
run_checked() {
  local check=$1 child='' code=0 failed='' stopping=''
  shift
  trap 'stopping=1; [[ -n $child ]] && kill -TERM "$child" 2>/dev/null' TERM INT
  "$@" &
  child=$!
  "$check" "$child" &
  if ! wait $! && [[ -z $stopping ]]; then
    failed=1
    kill -TERM "$child" 2>/dev/null || true
  fi
  wait "$child" || code=$?
  while kill -0 "$child" 2>/dev/null; do wait "$child" || code=$?; done
  trap - TERM INT
  [[ -z $failed ]] || return 1
  return "$code"
}

# Whether GET /health is answered with 200 by a port of this container, within a second: healthy HOST PORT.
healthy() (
  exec 3<>"/dev/tcp/$1/$2" || exit
  printf 'GET /health HTTP/1.0\r\nHost: %s\r\n\r\n' "$1" >&3 || exit
  read -r -t 1 line <&3 || exit
  [[ $line == *' 200 '* ]]
) 2>/dev/null
