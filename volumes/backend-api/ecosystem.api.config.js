const { app } = require('./pm2.js')

// Cluster mode: the processes share one port. As many as the deployment gives CPUs to, never 'max': that counts the
// host's CPUs and ignores the container's limit.
module.exports = {
  apps: [
    app({
      name: 'api',
      script: process.env.API_ENTRY,
      exec_mode: 'cluster',
      instances: Number(process.env.WEB_CONCURRENCY || 2),
    }),
  ],
}
