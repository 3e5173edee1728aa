#!/bin/sh
# Takes out of a production node_modules what never runs in the image: half of it, by size.
#   sh prune.sh /app/node_modules
set -eu
cd "$1"

# Temporal's bridge carries a library for every platform, and the Rust source of all of them.
case $(uname -m) in
  x86_64) platform=x86_64-unknown-linux-gnu ;;
  aarch64 | arm64) platform=aarch64-unknown-linux-gnu ;;
  *) echo "Temporal ships no library for $(uname -m)" >&2 && exit 1 ;;
esac
find @temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 ! -name "$platform" -exec rm -r {} +
rm -rf @temporalio/core-bridge/sdk-core @temporalio/core-bridge/src @temporalio/core-bridge/bridge-macros

# Prisma: other databases' query compilers; a local database server; a web interface of which only the parts that
# the command line loads at its start stay.
find @prisma/client/runtime prisma/build -name 'query_compiler_*' ! -name '*_small_bg.postgresql.*' -delete
find @prisma/client/runtime \( -name 'index-browser*' -o -name 'wasm-compiler-edge*' \) -delete
find @prisma/client -mindepth 1 -maxdepth 1 -name generator-build -exec rm -r {} +
find @prisma/dev -type f ! -name package.json ! -path '@prisma/dev/dist/state.cjs' -delete
find @prisma/studio-core -type f ! -name package.json ! -path '@prisma/studio-core/dist/data/*.cjs' -delete
rm -rf @electric-sql @prisma/query-plan-executor @prisma/streams-local prisma/build/studio.* \
  prisma/build/schema_engine_bg.wasm @visx elkjs react-dom react mysql2

# Compilers: the workflow bundle is made before this, and types are stripped by Node.
rm -rf @swc typescript @types

# Second copies: sources, other module systems, declarations, maps, texts.
rm -rf effect/src effect/dist/esm effect/dist/dts rxjs/src rxjs/dist/esm rxjs/dist/esm5 rxjs/dist/types \
  rxjs/dist/bundles zod/src pm2/types
find . -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' -o -name '*.flow' \
  -o -name '*.md' -o -name '*.markdown' \) -delete
find . -type d -empty -delete
