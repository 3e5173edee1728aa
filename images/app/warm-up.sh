#!/bin/bash
# Fills Node's compile cache (NODE_COMPILE_CACHE): starts every program of the image once, without the services that
# it wants, so that a container does not compile again what the cache has. A program that fails here only misses it.
set -u
cd /app || exit 1

# Reserved names and a closed port: nothing answers.
export DATABASE_URL=postgresql://nobody@127.0.0.1:9/none MIGRATE_DATABASE_URL=postgresql://nobody@127.0.0.1:9/none \
  REDIS_URL=redis://127.0.0.1:9 TEMPORAL_ADDRESS=127.0.0.1:9 READY_MAX_ATTEMPTS=1 PM2_HOME=/tmp/warm-up LOG_LEVEL=silent \
  UPLOADS_DIR=/tmp/warm-up-uploads

# The cache is written when a process exits: so each exits, by itself, some seconds after its start.
start() { timeout 20 node --import 'data:text/javascript,setTimeout(() => process.exit(), 4000)' "$@" >/dev/null 2>&1; }

start "$API_ENTRY" &
start "$REPORTS_ENTRY" &
start "$CRON_ENTRY" &
start "$WORKER_ENTRY" &
start apps/worker/replay.js --limit-ms 0 &
start apps/worker/workflow-thread.js &
start apps/core/ready.js --once &
start apps/core/migrate.js &
start node_modules/.bin/pm2-runtime --version &
start apps/api/drain-streams.js --window 1 &
start node_modules/.bin/prisma --version &
wait
