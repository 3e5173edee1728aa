/** One thing broken in a file of the stack, and what `./ecomweb doctor` must say of it. */
export type Breakage = {
  title: string
  path: string
  change: (text: string) => string
  check: string
  what: RegExp
}

const ROWS: [title: string, path: string, change: (text: string) => string, check: string, what: RegExp][] = [
  [
    'a malformed value',
    '.env.api',
    set('REDIS_URL', 'ecomweb-redis:6379'),
    'environment',
    /REDIS_URL in .env.api is not valid.*redis:\/\//,
  ],
  ['a missing variable', '.env.api', unset('TEMPORAL_ADDRESS'), 'environment', /TEMPORAL_ADDRESS is missing/],
  [
    'a bad line in haproxy.cfg',
    'haproxy/haproxy.cfg',
    (text) => `${text}\n  no-such-keyword 1\n`,
    'haproxy',
    /does not accept/,
  ],
  [
    'an unknown x-ecomweb key',
    'docker-compose.yml',
    (text) => text.replace('x-ecomweb:\n', 'x-ecomweb:\n  sok: 30s\n'),
    'settings',
    /x-ecomweb.* is not valid/,
  ],
  [
    'a Compose file that is none',
    'docker-compose.yml',
    (text) => text.replace('read_only: true', 'read_onyl: true'),
    'compose',
    /docker-compose.yml is not valid/,
  ],
  [
    'a grace period too short',
    'docker-compose.yml',
    (text) => text.replace('stop_grace_period: 45s', 'stop_grace_period: 30s'),
    'time-limits',
    /PM2 kill_timeout \(40000 ms\) must be shorter than stop_grace_period/,
  ],
  [
    'a time-out of HAProxy too long',
    'haproxy/haproxy.cfg',
    (text) => text.replace('timeout server 75s', 'timeout server 90s'),
    'time-limits',
    /timeout server of HAProxy \(90000 ms\)/,
  ],
  [
    'an ecosystem file that cannot be loaded',
    'volumes/backend-api/ecosystem.cron.config.js',
    (text) => `${text}\n}`,
    'time-limits',
    /ecosystem file/,
  ],
  [
    'pools too large for PostgreSQL',
    '.env.api',
    set('DATABASE_POOL', '60'),
    'connections',
    /may open \d+ connections/,
  ],
  [
    'an image of .env that is nowhere',
    '.env',
    set('REDIS_IMAGE', 'nowhere.invalid/redis:8'),
    'image',
    /nowhere.invalid\/redis:8 is neither/,
  ],
  [
    'a port of .env that cannot be',
    '.env',
    set('STATS_PORT', 'eighty'),
    'settings',
    /.env holds a value that cannot be used/,
  ],
  [
    'a command that was cut off',
    '.ecomweb/journal.jsonl',
    (text) => `${text}${journal('begin', '2001-01-01')}`,
    'unfinished',
    /deploy 1 was begun 2001/,
  ],
  [
    'a clock behind the journal',
    '.ecomweb/journal.jsonl',
    (text) => `${text}${journal('end', '2999-01-01')}`,
    'clock',
    /behind its own journal/,
  ],
]

export const BREAKAGES: Breakage[] = ROWS.map(([title, path, change, check, what]) => ({
  title,
  path,
  change,
  check,
  what,
}))

/** Sets a variable of an environment file. */
export function set(name: string, value: string): (text: string) => string {
  return (text) => `${text.trimEnd()}\n${name}=${value}\n`
}
function unset(name: string): (text: string) => string {
  return (text) => text.replace(new RegExp(`^${name}=.*\n`, 'm'), '')
}
function journal(event: string, day: string): string {
  return `${JSON.stringify({ at: `${day}T00:00:00.000Z`, id: '1', command: 'deploy', event })}\n`
}
