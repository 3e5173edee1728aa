import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { idleColour, restore, untilReady } from './harness/colours.ts'
import { containerOf } from './harness/containers.ts'
import { stack } from './harness/current.ts'
import { type Colour, other } from './harness/stack.ts'
import { waitUntil } from './harness/wait.ts'

beforeAll(() => restore(stack))
afterAll(() => restore(stack))

const serves = (colour: Colour) =>
  waitUntil(`the edge serves ${colour}`, async () => (await stack.active()) === colour)

/** Both colours in turn, so that no default can pass for durability. */
const fromIdle = async (): Promise<Colour> => {
  const colour = await idleColour(stack)
  await stack.switchTo(colour)
  return colour
}

describe('the colour that serves survives', () => {
  it('kill -9 of HAProxy, whichever colour it is', async () => {
    for (let round = 0; round < 2; round += 1) {
      const colour = await fromIdle()
      const { pid, name, startedAt } = await containerOf(stack, 'ecomweb_haproxy')
      process.kill(pid, 'SIGKILL')
      await waitUntil(
        'HAProxy was started again',
        async () => (await stack.inspect(name, '{{.State.StartedAt}}')) !== startedAt,
      )
      await serves(colour)
      // Until HAProxy has seen it pass its checks again, the other colour may not be switched to.
      await untilReady(stack, other(colour))
    }
  })

  it('a cold boot with either colour absent', async () => {
    const colour = await fromIdle()
    for (const absent of [other(colour), colour]) {
      await stack.compose(['rm', '--stop', '--force', `ecomweb_api_${absent}`, 'ecomweb_haproxy'])
      await stack.compose(['up', '-d', '--no-deps', 'ecomweb_haproxy'])
      if (absent === colour) {
        const answer = await waitUntil('the edge answers', () => stack.get('/health'))
        // Its colour is away: it says so, and never sends users to the other by itself.
        expect(answer.status).toBe(503)
      } else await serves(colour)
      await stack.compose(['up', '-d', `ecomweb_api_${absent}`])
      await untilReady(stack, absent)
      await serves(colour)
    }
  })

  it('down and up', async () => {
    const colour = await fromIdle()
    await stack.ecomweb(['down'])
    await stack.ecomweb(['up'])
    await serves(colour)
    expect((await stack.status()).active).toBe(colour)
  })
})

describe('the file of the map', () => {
  it('is written, fsynced, renamed, and its folder fsynced, before the running map changes', async () => {
    const colour = await idleColour(stack)
    const trace = stack.file('strace.log')
    const calls = 'openat,write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,sendto,sendmsg,writev'
    await stack.shell(`strace -f -y -s 300 -e trace=${calls} -o ${trace} ./ecomweb switch ${colour}`)
    const lines = readFileSync(trace, 'utf8').split('\n')
    const find = (what: RegExp, from = 0): number => {
      const at = lines.findIndex((line, index) => index >= from && what.test(line))
      expect(at, `no ${what} after line ${from} of the trace`).toBeGreaterThanOrEqual(0)
      return at
    }
    const written = find(new RegExp(`write(64)?\\(.*haproxy/state/[^/]*routes[^>]*>, "active ${colour}`))
    const synced = find(/(fsync|fdatasync)\(\d+<[^>]*haproxy\/state\/[^>]*routes/, written)
    const renamed = find(/rename(at2?)?\(.*routes.*routes\.map"/, synced)
    const folder = find(/(fsync|fdatasync)\(\d+<[^>]*haproxy\/state>/, renamed)
    find(/commit map/, folder)
  })
})
