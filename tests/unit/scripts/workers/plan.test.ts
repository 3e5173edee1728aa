import { describe, expect, it } from 'vitest'
import { Plan, simple } from '../../../../scripts/deploy/plan.ts'
import { planWorkers } from '../../../../scripts/deploy/plan-workers.ts'
import { leaving } from '../../../../scripts/deploy/retire.ts'
import { TemporalAway } from '../../../../scripts/temporal/away.ts'
import { buildIdOf } from '../../../../scripts/workers/build-id.ts'
import { steadyStack } from '../../../simulation/context.ts'
import type { Host } from '../../../simulation/host.ts'
import { addImage } from '../../../simulation/stack.ts'

/** A stack of an image that registers versions, or does not, and a newer one. */
async function stack(old: boolean, newer: boolean, change: (host: Host) => void = () => {}) {
  const { host, context, during } = await steadyStack()
  for (const image of host.images.values()) image.versioned = old
  host.temporal.knows = true
  const image = addImage(host, 'good', ['001_init'])
  Object.assign(image, { versioned: newer, replay: 'passes' })
  change(host)
  const from = host.edge.routed()[0] ?? 'blue'
  const plan = (
    given: Partial<typeof context.env> = {},
    command: Plan['command'] = 'deploy',
    warm?: boolean,
  ) =>
    during(
      planWorkers(
        { ...context, env: { ...context.env, ...given } },
        { command, image: image.id, from, ...(warm ? { warm } : {}) },
      ),
    )
  const served = buildIdOf(context.env[from === 'blue' ? 'API_BLUE_IMAGE' : 'API_GREEN_IMAGE'])
  return { plan, served, image }
}

describe('the plan of the workers', () => {
  it('names both versions, and the gate that the new one must pass', async () => {
    const { plan, served, image } = await stack(true, true)
    expect(await plan()).toMatchObject({
      mode: 'versioned',
      ...{ from: served, to: buildIdOf(image.id), worker: served, previous: '' },
      ...{ gate: 'releaseGate', replays: expect.arrayContaining([image.id]) },
    })
  })

  it('has no version for an image that registers none', async () => {
    expect(await (await stack(false, true)).plan()).toMatchObject({ mode: 'versioned', from: '' })
    expect(await (await stack(true, false)).plan()).toMatchObject({ mode: 'versioned', to: '', gate: '' })
  })

  it.each<[string, Parameters<typeof stack>, object, RegExp]>([
    ['neither image registers versions', [false, false], {}, /GATE_WORKFLOW/],
    ['nobody works', [true, true], { WORKER_REPLICAS: 0 }, /WORKER_REPLICAS is 0/],
    [
      'the server does not know versions',
      [true, true, (host) => Object.assign(host.temporal, { knows: false })],
      {},
      /does not know worker versions/,
    ],
  ])('is simple where %s', async (_, given, env, reason) => {
    expect(await (await stack(...given)).plan(env)).toMatchObject({
      mode: 'simple',
      reason: expect.stringMatching(reason),
    })
  })

  it('takes a server that does not answer for one that knows versions; traffic alone moves without it', async () => {
    const { plan } = await stack(true, true, (host) => {
      host.temporal.look = () => {
        throw new Error('connect ECONNREFUSED')
      }
    })
    expect(await plan()).toMatchObject({ mode: 'versioned' })
    expect(await plan({}, 'switch')).toMatchObject({ mode: 'simple', reason: 'Temporal does not answer' })
  })

  it.each<[Plan['command'], boolean, string, boolean]>([
    ['switch', false, 'simple', false],
    ['rollback', true, 'versioned', false],
    ['rollback', false, 'versioned', true],
    ['deploy', false, 'versioned', true],
  ])(
    'of a %s (warm: %s) is %s where nobody listens, and waits for somebody: %s',
    async (command, warm, mode, waits) => {
      let looks = 0
      const { plan } = await stack(true, true, (host) => {
        host.temporal.look = () => {
          looks += 1
          throw new TemporalAway('connect ECONNREFUSED')
        }
      })
      expect(await plan({}, command, warm)).toMatchObject({ mode })
      expect(looks > 1).toBe(waits)
    },
  )

  it.each<[Plan['command'], boolean, number]>([
    ['switch', false, 3000],
    ['rollback', true, 3000],
    ['deploy', false, 16_000],
  ])('of a %s (warm: %s) waits %i ms at most for a Temporal that hangs', async (command, warm, most) => {
    const { host, context, during } = await steadyStack()
    for (const image of host.images.values()) image.versioned = true
    const { clock, versions } = context.world
    const look = async (limitMs = 10_000): Promise<never> => {
      await clock.sleep(limitMs)
      throw new Error('4 DEADLINE_EXCEEDED')
    }
    const from = host.edge.routed()[0] ?? 'blue'
    const world = { ...context.world, versions: { ...versions, look } }
    const waited = await during(
      (async () => {
        const begin = clock.now()
        await planWorkers({ ...context, world }, { command, image: context.env.API_BLUE_IMAGE, from, warm })
        return clock.now() - begin
      })(),
    )
    expect(waited).toBeGreaterThan(1000)
    expect(waited).toBeLessThan(most + 200)
  })

  it('is not guessed where the engine does not say what an image is', async () => {
    const { host, context, during } = await steadyStack()
    const read = { dry: false, run: async () => ({ code: 1, stdout: '', stderr: 'Cannot connect' }) }
    const asked = planWorkers(
      { ...context, world: { ...context.world, read } },
      { command: 'deploy', image: 'sha256:1', from: host.edge.routed()[0] ?? 'blue' },
    )
    await expect(during(asked)).rejects.toThrow('docker image inspect')
  })
})

describe('a plan that the release before has journalled', () => {
  const old = {
    ...{ id: 'one', command: 'deploy', image: 'x', reference: 'x', from: 'blue', to: 'green' },
    before: { BACKGROUND_IMAGE: 'w' },
  }
  it('moves workers and cron together, as that release did', () =>
    expect(Plan.parse(old).workers).toEqual(simple('begun by the release before')))
})

describe('versions that lose their workers', () => {
  const plan = (workers: object, image = 'new') =>
    Plan.parse({
      ...{ id: 'one', command: 'deploy', image, reference: image, from: 'blue', to: 'green' },
      before: { API_BLUE_IMAGE: 'old' },
      workers: { mode: 'versioned', ...workers },
    })
  it('are those that neither release is', () =>
    expect(leaving(plan({ from: 'b', to: 'c', worker: 'b', previous: 'a' }))).toEqual(['a']))
  it('include the first service, after a switch of traffic alone', () =>
    expect(leaving(plan({ from: 'a', to: 'c', worker: 'b', previous: 'a' }))).toEqual(['b']))
  it('are none where the older one comes back, nor where it has no version', () => {
    expect(leaving(plan({ from: 'b', to: 'a', worker: 'b', previous: 'a' }))).toEqual([])
    expect(leaving(plan({ from: 'b', to: 'c', worker: 'b', previous: '' }))).toEqual([])
  })
  it('are none where the image that serves is deployed again: the second service stays', () =>
    expect(leaving(plan({ from: 'b', to: 'b', worker: 'b', previous: 'a' }, 'old'))).toEqual([]))
})
