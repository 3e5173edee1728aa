/**
 * A job every second across hand-overs of the cron step, deaths of the container, and a second container started by
 * mistake: 10, 5 and, for deploys, 2 in every run; with CHAOS=all 200, 100 and 10. CRON_HANDOVERS, CRON_KILLS and
 * CRON_DEPLOYS say otherwise.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { restore } from './harness/colours.ts'
import { stack } from './harness/current.ts'
import { WHOLE } from './harness/draw.ts'
import { buildImage, imageId } from './harness/images.ts'
import { waitUntil } from './harness/wait.ts'

const count = (name: string, standard: number, whole: number) =>
  Number(process.env[name] ?? (WHOLE ? whole : standard))
const HANDOVERS = count('CRON_HANDOVERS', 10, 200)
const KILLS = count('CRON_KILLS', 5, 100)
const DEPLOYS = count('CRON_DEPLOYS', 2, 10)
const SECOND = 1000
const LATEST_MS = 5 * SECOND
const JOBS = ['proof-transactional', 'proof-plain']

type Slot = { job: string; at: number; started: number; status: string; effects: number }
/** When the schedule may be late, because it was taken from its process. */
type Disturbance = { from: number; to: number }
const disturbances: Disturbance[] = []
let images: string[]
let settings: string

beforeAll(async () => {
  await restore(stack)
  const names = ['v-cron-one', 'v-cron-two'] as const
  images = []
  for (const name of names) images.push(await imageId(stack, await buildImage(stack, name)))
  settings = readFileSync(stack.file('.env.api'), 'utf8')
  writeFileSync(stack.file('.env.api'), `${settings.trimEnd()}\nCRON_PROOF_JOB=1\n`)
  await recreate()
  await runsAfter(Date.now())
})

afterAll(async () => {
  writeFileSync(stack.file('.env.api'), settings)
  await restore(stack)
})

const recreate = () => stack.compose(['up', '-d', '--no-deps', 'ecomweb_cron'])

/** Waits until a slot of each proof job that lies after a moment has run. */
const runsAfter = (moment: number) =>
  waitUntil('the schedule runs', async () => {
    const [row] = await stack.rows<{ jobs: number }>(
      `SELECT count(DISTINCT job)::int AS jobs FROM cron_run
       WHERE job LIKE 'proof-%' AND slot > to_timestamp(${moment / 1000}) AND status = 'finished'`,
    )
    return row?.jobs === JOBS.length
  })

/** Does something to the schedule and notes for how long it may have been away. */
async function disturb(act: () => Promise<unknown>): Promise<void> {
  const from = Date.now()
  await act()
  await runsAfter(Date.now())
  disturbances.push({ from, to: Date.now() })
  await delay(Math.random() * 2 * SECOND)
}

/** The engine waits twice as long each time before it starts a container that lived for less than this. */
const SHORT_LIFE_MS = 10 * SECOND

const livedLongEnough = () =>
  waitUntil('cron has lived long enough to be started again at once', async () => {
    const startedAt = await stack.inspect(stack.container('cron'), '{{.State.StartedAt}}')
    return Date.now() - Date.parse(startedAt) > SHORT_LIFE_MS
  })

async function killContainer(): Promise<void> {
  const name = stack.container('cron')
  const [pid, startedAt] = (await stack.inspect(name, '{{.State.Pid}} {{.State.StartedAt}}')).split(' ')
  process.kill(Number(pid), 'SIGKILL')
  await waitUntil('the engine has started it again', async () => {
    const [started, running] = (await stack.inspect(name, '{{.State.StartedAt}} {{.State.Running}}')).split(
      ' ',
    )
    return started !== startedAt && running === 'true'
  })
}

const slotsSince = (moment: number) =>
  stack.rows<Slot>(
    `SELECT job, (extract(epoch FROM slot) * 1000)::bigint AS at, status,
       (extract(epoch FROM started_at) * 1000)::bigint AS started,
       (SELECT count(*)::int FROM cron_proof AS proof WHERE proof.job = run.job AND proof.slot = run.slot) AS effects
     FROM cron_run AS run
     WHERE job LIKE 'proof-%' AND trigger = 'schedule' AND slot > to_timestamp(${moment / 1000}) ORDER BY job, slot`,
  )

/** What is wrong with the slots since a moment, in words; at most `interrupted` may be marked as such. */
async function wrongSince(moment: number, interrupted = 0): Promise<string[]> {
  await runsAfter(Date.now())
  // A process that was killed counts as alive for ten seconds more; only then is its run marked.
  await waitUntil('what was cut off is marked', async () => {
    const [row] = await stack.rows<{ running: number }>(
      `SELECT count(*)::int AS running FROM cron_run
       WHERE job LIKE 'proof-%' AND status = 'running' AND started_at < now() - interval '3 seconds'`,
    )
    return row?.running === 0
  })
  const slots = (await slotsSince(moment)).filter(({ at }) => at < Date.now() - 2 * SECOND)
  const late = ({ at, started }: Slot) =>
    started - at > LATEST_MS && !disturbances.some(({ from, to }) => at >= from - SECOND && at <= to)
  const marked = slots.filter(({ status }) => status === 'interrupted')
  return [
    ...(marked.length > interrupted
      ? [`${marked.length} slots are interrupted, not ${interrupted} at most`]
      : []),
    ...JOBS.flatMap((job) => {
      const mine = slots.filter((slot) => slot.job === job)
      return mine.flatMap((slot, index) => {
        const gap = index === 0 ? SECOND : slot.at - Number(mine[index - 1]?.at)
        const name = `${job} ${new Date(slot.at).toISOString()}`
        const once = slot.status === 'interrupted' ? slot.effects <= 1 : slot.effects === 1
        return [
          ...(gap === SECOND ? [] : [`${name} comes ${gap} ms after the slot before`]),
          ...(once ? [] : [`${name} took effect ${slot.effects} times`]),
          ...(slot.status === 'finished' || slot.status === 'interrupted'
            ? []
            : [`${name} is ${slot.status}`]),
          ...(slot.status === 'interrupted' && job === 'proof-transactional'
            ? [`${name} is interrupted`]
            : []),
          ...(late(slot) ? [`${name} began ${slot.started - slot.at} ms late`] : []),
        ]
      })
    }),
  ]
}

it(`each slot runs once across ${HANDOVERS} hand-overs of the cron step`, {
  timeout: HANDOVERS * 60_000,
}, async () => {
  const began = Date.now()
  for (let at = 0; at < HANDOVERS; at++) {
    stack.edit('BACKGROUND_IMAGE', images[at % 2] as string)
    await disturb(recreate)
  }
  expect(await wrongSince(began)).toEqual([])
  report('hand-overs', HANDOVERS)
})

it(`each slot runs once when cron is killed at ${KILLS} random instants`, {
  timeout: KILLS * 90_000,
}, async () => {
  const began = Date.now()
  for (let at = 0; at < KILLS; at++) {
    // After a few kills the engine waits for a second, after ten for a minute.
    if (WHOLE) await livedLongEnough()
    await disturb(killContainer)
  }
  // A kill may hit one plain job; it is marked, and nothing of it comes twice.
  expect(await wrongSince(began, KILLS)).toEqual([])
  report('kills', KILLS)
})

it('two containers run each slot once', { timeout: 300_000 }, async () => {
  const began = Date.now()
  const second = `${stack.info.name}_cron_by_mistake`
  await disturb(() => stack.compose(['run', '-d', '--no-deps', '--name', second, 'ecomweb_cron']))
  try {
    await delay(10 * SECOND)
    // the one that holds the lease goes, the other takes over
    await disturb(killContainer)
    await delay(10 * SECOND)
    expect(await wrongSince(began, 1)).toEqual([])
  } finally {
    await disturb(() => stack.docker(['rm', '-f', second]))
  }
  expect(await wrongSince(began, 2)).toEqual([])
})

it(`each slot runs once across ${DEPLOYS} deploys`, { timeout: DEPLOYS * 300_000 }, async () => {
  const began = Date.now()
  // What the hand-overs changed for cron alone holds for the workers too: a deploy begins from what `.env` says.
  await restore(stack)
  for (let at = 0; at < DEPLOYS; at++) {
    await disturb(async () => {
      const { code, output } = await stack.deploy(images[at % 2] as string)
      expect(code, output).toBe(0)
    })
  }
  expect(await wrongSince(began)).toEqual([])
  report('deploys', DEPLOYS)
})

/** How long the schedule was away, for the table of the proof. */
function report(what: string, times: number): void {
  const took = disturbances.slice(-times).map(({ from, to }) => to - from)
  const sorted = took.toSorted((a, b) => a - b)
  console.log(`${times} ${what}: until a new slot ran, p50 ${sorted[times >> 1]} ms, max ${sorted.at(-1)} ms`)
}
