const { readFileSync } = require('node:fs')

// What the three ecosystem files share. PM2 loads them with require(), hence CommonJS (see package.json here).

const MEBIBYTE = 1024 * 1024

/** What PM2 itself takes of the container's memory. */
const PM2_MB = 64

/** The container's memory limit: MEMORY_LIMIT_MB, or what the kernel enforces; undefined where there is none. */
function memoryLimitMb() {
  if (process.env.MEMORY_LIMIT_MB) return Number(process.env.MEMORY_LIMIT_MB)
  for (const file of ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes']) {
    try {
      const bytes = Number(readFileSync(file, 'utf8'))
      if (bytes > 0 && bytes < 2 ** 50) return Math.floor(bytes / MEBIBYTE)
    } catch {
      // the other cgroup version
    }
  }
  return undefined
}

/**
 * Node sizes its heap by the host's memory, not the container's: without this, the kernel would kill a process
 * that has plenty of garbage to collect. A heap is about 60 % of a process. The space for new objects starts small
 * for the same reason; 16 MB of it, Node's default, would never be given back.
 */
function nodeArgs(processes) {
  const young = '--max-semi-space-size=4'
  const limit = memoryLimitMb()
  if (!limit) return [young]
  return [young, `--max-old-space-size=${Math.max(64, Math.floor(((limit - PM2_MB) * 0.6) / processes))}`]
}

/**
 * What one container runs, each with its `instances`: how its processes start, and how they end without losing what
 * they are doing. They share the container's memory equally.
 */
function apps(...list) {
  const processes = list.reduce((sum, { instances }) => sum + instances, 0)
  return list.map((one) => app(one, nodeArgs(processes)))
}

function app({ name, script, instances, ...rest }, node_args) {
  return {
    name,
    script,
    cwd: '/app',
    interpreter: 'node',
    instances,
    node_args,
    wait_ready: true, // started means: the process has said so
    listen_timeout: 20_000,
    // longest request 30 s < the application's own limit 35 s < this < Compose's stop_grace_period 45 s
    kill_timeout: 40_000,
    exp_backoff_restart_delay: 200, // a process that keeps failing starts again after 0.2 s, 0.3 s … 15 s
    merge_logs: true,
    vizion: false,
    automation: false,
    pmx: false, // PM2's own monitoring would be loaded into every process
    disable_source_map_support: true, // there are none: types are stripped in place
    ...rest,
  }
}

module.exports = { apps, memoryLimitMb }
