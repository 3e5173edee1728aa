import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { losses } from '../load/report.ts'
import { idleColour, restore, untilReady } from './harness/colours.ts'
import { containerOf } from './harness/containers.ts'
import { stack } from './harness/current.ts'
import { LIGHT, loadOn } from './harness/load.ts'
import { other } from './harness/stack.ts'
import { waitUntil } from './harness/wait.ts'

describe('switch', () => {
  it('moves every request at once, and back', async () => {
    const haproxy = await containerOf(stack, 'ecomweb_haproxy')
    for (const to of [await idleColour(stack), await stack.active()]) {
      const report = await stack.switchTo(to)
      expect(report).toMatchObject({ ok: true, from: other(to), to })
      const answers = await Promise.all(Array.from({ length: 30 }, () => stack.get('/health')))
      expect(new Set(answers.map(({ servedBy }) => servedBy))).toEqual(new Set([to]))
      expect(readFileSync(stack.file('haproxy/state/routes.map'), 'utf8')).toMatch(`active ${to}`)
      expect((await stack.status()).active).toBe(to)
    }
    expect((await containerOf(stack, 'ecomweb_haproxy')).id).toBe(haproxy.id)
  })

  it('to the active colour does nothing and says so', async () => {
    const active = await stack.active()
    const { stdout } = await stack.ecomweb(['switch', active])
    expect(stdout).toContain(`${active} is already active`)
    expect(await stack.switchTo(active)).toMatchObject({ ok: true, from: active, to: active })
  })

  it('prints milliseconds for people', async () => {
    const idle = await idleColour(stack)
    const { stdout } = await stack.ecomweb(['switch', idle])
    expect(stdout).toMatch(/\d+ ms/)
  })

  it.each([['switch', 'red'], ['switch'], ['switch', 'blue', 'green']])(
    'explains wrong usage: %s %s',
    async (...args) => {
      const { code, stderr } = await stack.ecomweb(args.filter(Boolean), { check: false })
      expect(code).toBe(2)
      expect(stderr).toContain('next:')
    },
  )
})

describe('reload', () => {
  it('brings a changed configuration to HAProxy under load, with nothing lost', async () => {
    const load = await loadOn(stack, LIGHT)
    const path = stack.file('haproxy/haproxy.cfg')
    const before = readFileSync(path, 'utf8')
    const changed = before.replace(
      '  bind :8080\n',
      '  bind :8080\n  http-response set-header X-Reloaded yes\n',
    )
    const served = async () => (await stack.get('/health')).headers['x-reloaded']
    try {
      writeFileSync(path, changed)
      await stack.ecomweb(['reload'])
      // The old process still answers what it had begun.
      await waitUntil('the new configuration answers', async () => (await served()) === 'yes')
    } finally {
      writeFileSync(path, before)
      await stack.ecomweb(['reload'])
    }
    await waitUntil('the old configuration answers again', async () => (await served()) === undefined)
    expect(losses(await load.stop())).toEqual([])
  })

  it('of a configuration that HAProxy refuses changes nothing', async () => {
    const path = stack.file('haproxy/haproxy.cfg')
    const before = readFileSync(path, 'utf8')
    writeFileSync(path, `${before}\nbackend broken\n  no-such-word\n`)
    const { code, stderr } = await stack.ecomweb(['reload'], { check: false })
    writeFileSync(path, before)
    expect(code).toBe(1)
    expect(stderr).toMatch(/no-such-word[\s\S]*next:/)
    expect((await stack.get('/health')).status).toBe(200)
  })
})

describe('a colour that is not ready', () => {
  afterEach(() => restore(stack))

  it.each([
    ['stopped', ['stop', '-t', '1'], ['start']],
    ['hung', ['pause'], ['unpause']],
  ])('gets no traffic when it is %s', async (_, disturb, repair) => {
    const active = await stack.active()
    const idle = other(active)
    const container = stack.container(`api_${idle}`)
    await stack.docker([...disturb, container])
    try {
      const { code, stderr } = await stack.ecomweb(['switch', idle], { check: false })
      expect(code).toBe(1)
      expect(stderr).toMatch(/not (running|ready)[\s\S]*next:/)
      expect(await stack.active()).toBe(active)
    } finally {
      await stack.docker([...repair, container])
    }
    await untilReady(stack, idle)
    expect(await stack.switchTo(idle)).toMatchObject({ to: idle })
  })
})
