#!/bin/sh
# As upstream: the key that encrypts the cookies is made at each start unless PMA_SECRET gives one of 32 bytes.
set -eu

export PMA_SECRET="${PMA_SECRET:-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')}"
exec "$@"
