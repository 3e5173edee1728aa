import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { idleColour, restore, untilReady } from './harness/colours.ts'
import { containerOf } from './harness/containers.ts'
import { stack } from './harness/current.ts'
import { other } from './harness/stack.ts'

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
