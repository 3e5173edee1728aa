const { apps } = require('./pm2.js')

// Fork mode: workers share no port, and a process of a cluster would never end by itself when its work is over.
module.exports = {
  apps: apps({
    name: 'worker',
    script: process.env.WORKER_ENTRY,
    exec_mode: 'fork',
    instances: Number(process.env.WORKER_CONCURRENCY || 2),
  }),
}
