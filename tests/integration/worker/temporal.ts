import { randomBytes } from 'node:crypto'
import { appendFileSync, chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@temporalio/client'
import { inject } from 'vitest'
import { connectLater } from '../../../apps/core/temporal-connection.ts'
import { ensureImages } from '../../../scripts/images/ensure.ts'
import { textProgress } from '../../../scripts/output/progress.ts'
import { execRunner } from '../../../scripts/run.ts'
import { run } from '../../e2e/harness/process.ts'
import { waitUntil } from '../../e2e/harness/wait.ts'

const SERVER = 'temporalio/server:1.31.2'
const TOOLS = 'temporalio/admin-tools:1.31.2'
const SETUP = join(import.meta.dirname, '../../../volumes/temporal')

/** A server of Temporal with a namespace of its own. */
export type Temporal = { address: string; namespace: string; client: Client; stop(): Promise<void> }

/**
 * Keeps its data in databases of its own, so that two files may have one each; needs no port of this host; removed, like
 * PostgreSQL, once this process is gone.
 * `settings` are lines for its dynamic configuration, beside those of the system.
 */
export async function startTemporal(settings = ''): Promise<Temporal> {
  const setup = mkdtempSync(join(tmpdir(), 'temporal-'))
  cpSync(SETUP, setup, { recursive: true })
  chmodSync(setup, 0o755)
  appendFileSync(join(setup, 'dynamicconfig.yaml'), `\n${settings}\n`)
  const { postgresPort, password } = inject('services')
  const progress = textProgress(process.stderr)
  await ensureImages({ runner: execRunner(), progress, images: [SERVER, TOOLS] })
  const docker = async (...args: string[]) => (await run('docker', args)).stdout.trim()
  const postgres = await docker('ps', '--filter', `publish=${postgresPort}`, '--format', '{{.Names}}')
  const name = `ecw-data-${process.pid}-temporal`
  const addressOf = (container: string) =>
    docker('inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', container)
  const databases = { DBNAME: `temporal_${process.pid}`, VISIBILITY_DBNAME: `visibility_${process.pid}` }
  const environment = Object.entries({
    ...databases,
    ...{ DB: 'postgres12', POSTGRES_SEEDS: await addressOf(postgres), DB_PORT: '5432' },
    ...{ POSTGRES_USER: 'temporal', POSTGRES_PWD: password, NUM_HISTORY_SHARDS: '1' },
    ...{ SQL_MAX_CONNS: '4', SQL_VIS_MAX_CONNS: '2' },
    ...{ BIND_ON_IP: '0.0.0.0', TEMPORAL_BROADCAST_ADDRESS: '127.0.0.1', TEMPORAL_ALLOW_NO_AUTH: 'true' },
    ...{ DYNAMIC_CONFIG_FILE_PATH: '/setup/dynamicconfig.yaml', LOG_LEVEL: 'error' },
  }).flatMap(([variable, value]) => ['--env', `${variable}=${value}`])
  const common = ['--volume', `${setup}:/setup:ro`, ...environment]
  await docker('run', '--rm', ...common, TOOLS, 'sh', '/setup/setup.sh')
  await docker('run', '-d', '--name', name, ...common, SERVER)
  const address = `${await addressOf(name)}:7233`
  const connection = connectLater(address, 10_000)
  const namespace = `test-${randomBytes(4).toString('hex')}`
  await waitUntil('Temporal has the namespace', async () => {
    await connection.workflowService
      .registerNamespace({ namespace, workflowExecutionRetentionPeriod: { seconds: 86_400 as never } })
      .catch((error) => {
        if (error.code !== 6) throw error // it exists
      })
    return true
  })
  const client = new Client({ connection, namespace })
  return {
    ...{ address, namespace, client },
    async stop() {
      await connection.close()
      await docker('rm', '-f', '-v', name)
      rmSync(setup, { recursive: true })
    },
  }
}
