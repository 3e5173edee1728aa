#!/bin/sh
# Runs as root in a one-shot container before HAProxy: makes what HAProxy needs and git does not hold.
# Everything that exists already stays as it is; the map above all, since it says which colour is live.
set -eu
cd /edge

mkdir -p state run
chown 0:99 state && chmod 0750 state
chown 99:99 run && chmod 0700 run

# Written beside, flushed and renamed: a power cut leaves either nothing or the whole file.
create() {
  [ -s "state/$1" ] && return
  cat >"state/.$1.new"
  chown 0:99 "state/.$1.new"
  chmod 0640 "state/.$1.new"
  sync "state/.$1.new"
  mv "state/.$1.new" "state/$1"
  sync state
  echo "created haproxy/state/$1"
}

printf 'active blue\nweight 0\n' | create routes.map
od -An -N24 -tx1 /dev/urandom | tr -d ' \n' | create preview.token
