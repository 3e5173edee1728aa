# shellcheck shell=bash
# Workers are versions of their image in Temporal, and the API pins what it starts to its own: the first twelve digits
# of the image's id or digest, else its reference in the characters that a version may have.
if [[ -n ${ECOMWEB_IMAGE:-} ]]; then
  if [[ $ECOMWEB_IMAGE =~ sha256:([0-9a-f]{12}) ]]; then
    TEMPORAL_WORKER_BUILD_ID=${BASH_REMATCH[1]}
  else
    TEMPORAL_WORKER_BUILD_ID=${ECOMWEB_IMAGE//[^A-Za-z0-9_-]/-}
  fi
  export TEMPORAL_WORKER_BUILD_ID
fi

# Sourced by the start-up scripts: runs a command so that a signal to this shell reaches it. A shell would otherwise
# wait for the command to end before it looks at its signals, and `docker stop` would take its full grace period.
run() {
  local child='' signalled='' code=0
  pass_signals_on
  "$@" &
  child=$!
  ended || code=$?
  trap - TERM INT
  return "$code"
}

# The same for a command with a check beside it, which is given its process id: when the check fails, the command is
# ended and the result is 1.
run_checked() {
  local check=$1 child='' signalled='' code=0 failed=''
  shift
  pass_signals_on
  "$@" &
  child=$!
  "$check" "$child" &
  if ! wait $! && [[ -z $signalled ]]; then
    failed=1
    kill -TERM "$child" 2>/dev/null || true
  fi
  ended || code=$?
  trap - TERM INT
  [[ -z $failed ]] || return 1
  return "$code"
}

pass_signals_on() {
  trap 'signalled=1; [[ -z $child ]] || kill -TERM "$child" 2>/dev/null || true' TERM INT
}

# Waits for $child and returns its exit code. A signal ends `wait` early: the command may still be finishing.
ended() {
  local code
  while true; do
    signalled='' code=0
    wait "$child" || code=$?
    [[ -n $signalled ]] || return "$code"
  done
}

# Whether GET /health is answered with 200 by a port of this container, within a second: healthy HOST PORT.
healthy() (
  exec 3<>"/dev/tcp/$1/$2" || exit
  printf 'GET /health HTTP/1.0\r\nHost: %s\r\n\r\n' "$1" >&3 || exit
  read -r -t 1 line <&3 || exit
  [[ $line == *' 200 '* ]]
) 2>/dev/null
