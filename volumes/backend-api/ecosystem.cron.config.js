const { apps } = require('./pm2.js')

// One process. Two containers may still overlap during a deploy: each slot is claimed in the database.
module.exports = {
  apps: apps({ name: 'cron', script: process.env.CRON_ENTRY, exec_mode: 'fork', instances: 1 }),
}
