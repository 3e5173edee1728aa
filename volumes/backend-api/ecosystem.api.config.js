const { apps } = require('./pm2.js')

// Cluster mode: the processes share one port. As many as the deployment gives CPUs to, never 'max': that counts the
// host's CPUs and ignores the container's limit.
const api = {
  name: 'api',
  script: process.env.API_ENTRY,
  exec_mode: 'cluster',
  instances: Number(process.env.WEB_CONCURRENCY || 2),
}

// One process that only those above reach; images that name none have none. It fails and starts again by itself.
const reports = {
  name: 'reports',
  script: process.env.REPORTS_ENTRY,
  exec_mode: 'fork',
  instances: 1,
  env: { DATABASE_POOL: '2' },
}

module.exports = { apps: apps(api, ...(process.env.REPORTS_ENTRY ? [reports] : [])) }
