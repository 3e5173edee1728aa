#!/bin/sh
# The upstream image's contract: options or a configuration file alone mean redis-server, which never runs
# as root, and which accepts clients from other hosts (an image has no configuration file that says so).
set -eu

case "${1:-}" in -* | *.conf) set -- redis-server "$@" ;; esac

if [ "$1" = redis-server ]; then
  if [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis '{}' +
    exec setpriv --reuid=redis --regid=redis --clear-groups "$0" "$@"
  fi
  shift
  case "${1:-}" in
    *.conf) config=$1 && shift && set -- "$config" --protected-mode no "$@" ;;
    -v | --version | -h | --help | --test-memory | --check-system) ;;
    *) set -- --protected-mode no "$@" ;;
  esac
  set -- redis-server "$@"
fi
exec "$@"
