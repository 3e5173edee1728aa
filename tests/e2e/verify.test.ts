import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Point } from '../../scripts/verify/point.ts'
import { restore } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { buildImage, type Defect } from './harness/images.ts'

beforeAll(() => restore(stack))

async function verify(image: string, ...flags: string[]) {
  const args = ['verify', image, '--json', ...flags]
  const { code, stdout, stderr } = await stack.ecomweb(args, { check: false })
  if (!stdout) throw new Error(stderr)
  const { points } = JSON.parse(stdout) as { points: Point[] }
  const of = (verdict: Point['verdict']) => points.filter((point) => point.verdict === verdict)
  return { code, points, failed: of('failed'), unknown: of('unknown') }
}
const leftovers = async () =>
  (await stack.docker(['ps', '-a', '--filter', `name=${stack.info.name}_verify`, '--format', '{{.Names}}']))
    .stdout

it('finds every point kept by the shipped image, for no user to notice', async () => {
  const before = (await stack.compose(['ps', '--quiet'])).stdout
  const { code, points } = await verify(`${stack.info.name}:shipped`)
  expect(points.filter(({ verdict }) => verdict !== 'ok')).toEqual([])
  expect(code).toBe(0)
  expect(points.map(({ id }) => id)).toEqual(
    expect.arrayContaining([
      'variables',
      'user',
      'drain-streams',
      'migrations',
      'health',
      'ready',
      'ready-command',
      'drain',
    ]),
  )
  expect((await stack.compose(['ps', '--quiet'])).stdout).toBe(before)
  expect(await leftovers()).toBe('')
})

it('only looks inside with --static', async () => {
  const { code, points } = await verify(`${stack.info.name}:shipped`, '--static')
  expect(code).toBe(0)
  expect(points.map(({ id }) => id)).not.toContain('health')
})

it('never migrates: an image with migrations of its own cannot be judged ready', async () => {
  const recorded = () => stack.sql('SELECT count(*), count(finished_at) FROM _prisma_migrations;')
  const before = await recorded()
  const { code, unknown } = await verify(await buildImage(stack, 'failing-migration'))
  expect(code).toBe(0)
  expect(unknown).toMatchObject([{ id: 'ready', detail: expect.stringMatching(/not applied yet/) }])
  expect(await recorded()).toBe(before)
})

it('tells a foreign image all that it lacks', async () => {
  const { code, failed } = await verify(stack.setting('TEMPORAL_IMAGE') ?? 'temporalio/server:1.31.2')
  expect(code).toBe(1)
  expect(failed.map(({ id }) => id)).toEqual(expect.arrayContaining(['variables']))
})

describe('of a broken image', () => {
  let usual: string | undefined
  beforeAll(() => {
    usual = stack.editKitSetting('ready_timeout', '4s')
  })
  afterAll(() => {
    if (usual !== undefined) stack.editKitSetting('ready_timeout', usual)
  })

  // The last one is healthy first, which takes its time where somebody else has the processors.
  it.each<[Defect, string, RegExp, string]>([
    ['no-contract', 'variables', /no READY_COMMAND/, '4s'],
    ['crash', 'health', /crash at start, on purpose/, '8s'],
    ['wrong-port', 'health', /not within 4.0 s/, '4s'],
    ['never-ready', 'ready', /never ready, on purpose/, '15s'],
  ])('says what %s lacks', async (defect, id, detail, time) => {
    stack.editKitSetting('ready_timeout', time)
    const { code, failed } = await verify(await buildImage(stack, defect))
    expect(code).toBe(1)
    expect(failed[0]).toMatchObject({ id, detail: expect.stringMatching(detail) })
    expect(await leftovers()).toBe('')
  })
})

it('cleans up after Ctrl-C', async () => {
  const image = await buildImage(stack, 'never-ready')
  const name = `${stack.info.name}_verify`
  const line = [
    'set -m',
    `./ecomweb verify ${image} & pid=$!`,
    `until [ "$(docker ps -q --filter name=${name}_$pid)" ]; do sleep 0.2; done; sleep 1`,
    'kill -INT $pid; wait $pid',
  ].join('\n')
  const { code } = await stack.shell(line, { check: false, timeoutMs: 60_000 })
  expect(code).toBe(130)
  expect(await leftovers()).toBe('')
})
