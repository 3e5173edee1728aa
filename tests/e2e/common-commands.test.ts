import { afterAll, describe, expect, it } from 'vitest'
import { runningContainers } from './harness/containers.ts'
import { stack } from './harness/current.ts'
import { firstOutput } from './harness/process.ts'
import { waitUntil } from './harness/wait.ts'

/** The commands are those of the seed; only the name of the stack differs. */
const named = (line: string): string =>
  line.replaceAll('ecomweb_', (prefix, at) => {
    const before = line.slice(0, at)
    // Services keep their names; containers bear the stack's.
    return /docker(-| )compose [^|]*$/.test(before) ? prefix : `${stack.info.name}_`
  })

const workers = async () =>
  (await runningContainers(stack)).filter(({ service }) => service === 'ecomweb_worker')

afterAll(() => stack.compose(['up', '-d']))

describe('the common commands', () => {
  it.each(['docker-compose up -d', 'docker compose up -d'])(
    '`%s` starts everything and disturbs nothing',
    async (line) => {
      const before = await runningContainers(stack)
      await stack.shell(named(line))
      expect((await runningContainers(stack)).map(({ id }) => id).toSorted()).toEqual(
        before.map(({ id }) => id).toSorted(),
      )
    },
  )

  it.each(['docker-compose ps', 'docker compose ps'])('`%s` lists the services', async (line) => {
    const { stdout } = await stack.shell(named(line))
    for (const service of [
      'api_blue',
      'api_green',
      'cron',
      'worker',
      'redis',
      'haproxy',
      'postgres',
      'temporal',
    ]) {
      expect(stdout).toContain(`ecomweb_${service}`)
    }
  })

  it.each([
    'docker logs -f ecomweb_api_blue',
    'docker logs -f ecomweb_cron',
    'docker compose logs -f ecomweb_worker',
  ])('`%s` follows the log', async (line) => {
    await firstOutput('bash', ['-c', named(line)], /\S/, { cwd: stack.info.folder })
  })

  it('`docker-compose up -d --scale ecomweb_worker=3` scales the workers and nothing else', async () => {
    const before = await runningContainers(stack)
    await stack.shell('docker-compose up -d --scale ecomweb_worker=3')
    expect(await workers()).toHaveLength(3)
    const after = new Set((await runningContainers(stack)).map(({ id }) => id))
    expect(before.filter(({ id }) => !after.has(id))).toEqual([])
    await stack.shell('docker-compose up -d')
    expect(await workers()).toHaveLength(1)
  })

  it('`docker-compose restart ecomweb_cron` restarts it, and only it', async () => {
    const before = await runningContainers(stack)
    await stack.shell('docker-compose restart ecomweb_cron')
    const after = await runningContainers(stack)
    const restarted = after.filter(({ id, startedAt }) =>
      before.some((old) => old.id === id && old.startedAt !== startedAt),
    )
    expect(restarted.map(({ service }) => service)).toEqual(['ecomweb_cron'])
    await waitUntil('cron is healthy again', async () =>
      (await runningContainers(stack)).some(
        ({ service, health }) => service === 'ecomweb_cron' && health === 'healthy',
      ),
    )
  })

  it('`docker exec -it ecomweb_api_blue bash` opens a shell', async () => {
    const line = named('docker exec -it ecomweb_api_blue bash')
    // `script` gives the terminal that -t asks for.
    const { stdout } = await stack.shell(`script -qec '${line}' /dev/null`, {
      input: 'echo "I am $ECOMWEB_COLOUR"; exit\n',
      timeoutMs: 20_000,
    })
    expect(stdout).toContain('I am blue')
  })

  it.each([
    ['docker exec ecomweb_api_blue pm2 list', 3],
    ['docker exec ecomweb_cron pm2 list', 1],
    ['docker compose exec ecomweb_worker pm2 list', 2],
  ])('`%s` shows %i processes online', async (line, count) => {
    const { stdout } = await stack.shell(named(line))
    expect(stdout.match(/online/g)).toHaveLength(count)
  })
})

describe('the database check of cron', () => {
  const line = 'npx prisma db execute --stdin <<< '

  it('`docker exec ecomweb_cron npx prisma db execute --stdin <<< "SELECT 1"` works', async () => {
    await stack.shell(named(`docker exec ecomweb_cron ${line}"SELECT 1"`))
  })

  it('reaches the database with -i, where broken SQL fails', async () => {
    const broken = await stack.shell(named(`docker exec -i ecomweb_cron ${line}"SELEKT 1"`), { check: false })
    expect(broken.code).not.toBe(0)
  })
})

describe('the monitoring checklist', () => {
  it('is what `./ecomweb status` checks, item by item', async () => {
    const { ok, checks } = await stack.status()
    expect(checks.filter((check) => !check.ok)).toEqual([])
    expect(ok).toBe(true)
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'API health check responds (blue)',
        'API health check responds (green)',
        'HAProxy statistics page accessible',
        'Blue and green both listed in HAProxy',
        'Cron started',
        'Workers connected to Temporal',
        'Redis connections stable',
        'PM2 processes run in each container',
        'Database migrations completed',
      ]),
    )
  })

  it('`curl http://localhost:3001/health` answers for each colour', async () => {
    for (const colour of ['blue', 'green'] as const) {
      const { stdout } = await stack.shell(
        `curl -fsS ${stack.directUrl(colour).replace('127.0.0.1', 'localhost')}/health`,
      )
      expect(JSON.parse(stdout)).toEqual({ status: 'ok' })
    }
  })

  it('`http://localhost:8404` shows both colours', async () => {
    const page = await (await fetch(`http://localhost:${stack.info.statsPort}`)).text()
    expect(page).toMatch(/blue/)
    expect(page).toMatch(/green/)
  })
})
