import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { restore } from './harness/colours.ts'
import { containerOf } from './harness/containers.ts'
import { stack } from './harness/current.ts'
import { waitUntil } from './harness/wait.ts'

const SERVICES = ['ecomweb_cron', 'ecomweb_worker']

const logsSince = async (name: string, since: string): Promise<string> => {
  const { stdout, stderr } = await stack.docker(['logs', '--since', since, name])
  return stdout + stderr
}

describe('without a database', () => {
  const restarted: { name: string; at: string }[] = []

  beforeAll(async () => {
    await restore(stack)
    await stack.docker(['stop', '-t', '5', stack.container('postgres')])
    await stack.compose(['restart', '--timeout', '1', '--no-deps', ...SERVICES])
    for (const service of SERVICES) {
      const { name, startedAt } = await containerOf(stack, service)
      restarted.push({ name, at: startedAt })
    }
  })

  afterAll(async () => {
    await stack.docker(['start', stack.container('postgres')])
    await restore(stack)
  })

  it('cron and workers that start wait and say for what', async () => {
    for (const { name, at } of restarted) {
      await waitUntil(`${name} says that it waits`, async () => /PostgreSQL/.test(await logsSince(name, at)))
      expect(await stack.inspect(name, '{{.State.Running}} {{.State.StartedAt}}')).toBe(`true ${at}`)
    }
  })

  it.each(SERVICES)('%s gives up at the maximum of attempts with one clear sentence', async (service) => {
    const { code, stdout, stderr } = await stack.compose(
      [
        ...['run', '--rm', '--no-deps', '-T'],
        ...['-e', 'READY_MAX_ATTEMPTS=2', '-e', 'READY_INTERVAL_MS=100', service],
      ],
      { check: false, timeoutMs: 60_000 },
    )
    const output = stdout + stderr
    expect(code, output).toBe(1)
    expect(output).toMatch(/gave up after 2 attempts.*PostgreSQL at \S*postgres/i)
    for (const name of ['POSTGRES_PASSWORD', 'APP_DB_PASSWORD', 'OWNER_DB_PASSWORD'])
      expect(output).not.toContain(stack.setting(name))
  })

  it('they recover when it returns, without a restart', async () => {
    await stack.docker(['start', stack.container('postgres')])
    for (const [index, service] of SERVICES.entries()) {
      const found = await waitUntil(`${service} is healthy`, async () => {
        const container = await containerOf(stack, service)
        return container.health === 'healthy' && container
      })
      expect(found.startedAt).toBe(restarted[index]?.at)
    }
  })
})
