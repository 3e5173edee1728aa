import { ensureImages } from '../../../scripts/images/ensure.ts'
import { textProgress } from '../../../scripts/output/progress.ts'
import { execRunner } from '../../../scripts/run.ts'
import { run } from '../../e2e/harness/process.ts'
import { waitUntil } from '../../e2e/harness/wait.ts'

const MARIADB = 'mariadb:11'
const PHPMYADMIN = 'phpmyadmin:5'
const ROOT_PASSWORD = 'of-this-test-only'

/** A real phpMyAdmin before a real MariaDB. */
export type FeedServices = {
  /** Where phpMyAdmin is; in its container's network namespace, at port 8080. */
  url: string
  container: string
  /** Who may read the database `shop`, and all of it. */
  user: string
  password: string
  /** Runs SQL as root by MariaDB's own client; answers its lines, fields separated by tabs. */
  sql(text: string): Promise<string[][]>
  stop(): Promise<void>
}

/** Starts both under names that begin with `prefix`, the data in memory: `await startFeedServices('ecw-data-1')`. */
export async function startFeedServices(prefix: string): Promise<FeedServices> {
  await ensureImages({
    runner: execRunner(),
    progress: textProgress(process.stderr),
    images: [MARIADB, PHPMYADMIN],
  })
  const mariadb = `${prefix}-mariadb`
  const phpmyadmin = `${prefix}-phpmyadmin`
  const user = 'feed'
  const password = String.raw`quote ' backslash \ percent % ü`
  const sql = async (text: string) => {
    const client = ['mariadb', '-h127.0.0.1', '-uroot', '--batch', '--skip-column-names', 'shop']
    const args = ['exec', '-i', '-e', `MYSQL_PWD=${ROOT_PASSWORD}`, mariadb, ...client]
    const input = `SET NAMES utf8mb4; SET time_zone = '+00:00'; ${text}`
    const { stdout } = await run('docker', args, { input })
    return stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('\t'))
  }
  const stop = async () => void (await run('docker', ['rm', '-f', '-v', phpmyadmin, mariadb]))
  try {
    await docker('run', '-d', '--name', mariadb, ...mariadbArgs(user, password))
    const host = await docker('inspect', '-f', '{{.NetworkSettings.IPAddress}}', mariadb)
    await docker(
      ...['run', '-d', '--name', phpmyadmin, '-p', '127.0.0.1::8080'],
      ...['-e', `PMA_HOST=${host}`, '-e', 'APACHE_PORT=8080', PHPMYADMIN],
    )
    const url = `http://${(await docker('port', phpmyadmin, '8080')).split('\n')[0]}/`
    await waitUntil('MariaDB is set up', async () => (await sql('SELECT 1')).length === 1)
    await waitUntil('phpMyAdmin answers', async () => (await fetch(url)).ok)
    return { url, container: phpmyadmin, user, password, sql, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const mariadbArgs = (user: string, password: string): string[] => [
  ...['--user', '999:999', '--tmpfs', '/var/lib/mysql:uid=999,gid=999,mode=0700'],
  ...['-e', `MARIADB_ROOT_PASSWORD=${ROOT_PASSWORD}`, '-e', 'MARIADB_DATABASE=shop'],
  ...['-e', `MARIADB_USER=${user}`, '-e', `MARIADB_PASSWORD=${password}`],
  ...[MARIADB, 'mariadbd', '--innodb-flush-log-at-trx-commit=0', '--innodb-buffer-pool-size=256M'],
]

const docker = async (...args: string[]): Promise<string> => (await run('docker', args)).stdout.trim()
