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
