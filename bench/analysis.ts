import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { readSample } from '../scripts/analysis/counters.ts'
import { DEFAULT_RULES } from '../scripts/analysis/rules.ts'
import { adminSocket, askHaproxy } from '../scripts/haproxy/socket.ts'
import { median } from '../scripts/output/table.ts'
import { Random } from './analysis/random.ts'
import { record } from './analysis/recorder.ts'
import { formatRecording, type Recording } from './analysis/recording.ts'
import { BAD, GOOD, type Release } from './analysis/releases.ts'
import { type Outcome, type Plan, rollOut } from './analysis/rollout.ts'
import { SimulatedEdge, type Traffic } from './analysis/simulated-edge.ts'
import { RECORDINGS, sources } from './analysis/sources.ts'
import { measure } from './program.ts'

/** The defaults of `x-ecomweb:` in docker-compose.yml. */
const PLAN: Plan = {
  ...{ canary: [5, 25, 50], canaryStep: 15_000, soak: 30_000, interval: 1000, below: 1000 },
  rules: DEFAULT_RULES,
}
/** 5 probes a second to each colour; one in three is an order, which is then cancelled. */
const PROBES = 5 * (4 / 3)
const TRAFFIC: Record<string, Traffic> = {
  '200/s': { users: 200, probes: PROBES },
  '1 in 5 s': { users: 0.2, probes: PROBES },
}
const BATCH = 250

await measure({
  name: 'analysis',
  about: `Measures how often the analysis of a rollout errs: false alarms with a good release, and bad releases caught,
over whole rollouts (canary 5, 25, 50 % for 15 s each, soak 30 s: four windows) made from blocks of recorded seconds.

Recordings are in bench/recordings/; two synthetic ones (log-normal, heavy-tailed, autocorrelated, with stalls) are
always there as well. --record SECONDS makes one of a running stack that is under load with a canary of the same
image at 50 %; it only looks. The calm one was made beside: node tests/load/main.ts --orders 0.5 --uploads 1`,
  flags: {
    rollouts: { default: 2500, most: 1_000_000, help: 'of a good release, for each recording and traffic' },
    bad: { default: 500, most: 100_000, help: 'of each bad release' },
    seed: { default: 1, most: 2 ** 31 - 1, help: 'of the random numbers' },
    record: { default: 0, least: 0, most: 86_400, help: 'seconds to record instead' },
    as: { default: 'recorded', help: 'name of the recording' },
    only: { default: '', help: "series whose name holds this, such as 'noisy, 200/s'" },
  },
  async run({ results, say, signal }, { root, rollouts, bad, seed, record: seconds, as, only }) {
    if (seconds > 0) {
      const edge = { ask: (line: string) => askHaproxy(adminSocket(root), line) }
      const clock = { now: () => performance.now() }
      const about = `${seconds} s of a running stack, ${new Date().toISOString().slice(0, 10)}`
      const recording = await record(() => readSample({ edge, clock }), { about, seconds, signal })
      await mkdir(RECORDINGS, { recursive: true })
      await writeFile(join(RECORDINGS, `${as}.json`), formatRecording(recording))
      return say(`${recording.seconds.length} seconds are in bench/recordings/${as}.json`)
    }
    for (const { name, recording } of sources(seed)) {
      for (const [traffic, rates] of Object.entries(TRAFFIC)) {
        for (const release of [GOOD, ...BAD]) {
          const series = `${name}, ${traffic}, ${release.name}`
          if (!series.includes(only)) continue
          const wanted = Math.ceil((release === GOOD ? rollouts : bad) / BATCH)
          while (results.count(series) < wanted) {
            signal.throwIfAborted()
            const random = new Random(seed + results.count(series) * 7919)
            const outcomes = await batch(recording, release, rates, random)
            const caught = outcomes.filter(({ last }) => last.verdict === 'fail')
            if (release !== GOOD && caught.length > 0) {
              results.add('s', { [`${series}, until caught`]: median(caught.map(({ ms }) => ms / 1000)) })
              results.add('', { [`${series}, users failed`]: median(caught.map(({ lost }) => lost)) })
            }
            results.add('%', { [series]: (100 * caught.length) / outcomes.length })
          }
          const shares = results.samples(series)
          const caught = shares.reduce((sum, share) => sum + Math.round((share / 100) * BATCH), 0)
          results.facts[series] = `${caught} of ${shares.length * BATCH} rollouts failed`
          say(`${series}: ${results.facts[series]}`)
        }
      }
    }
  },
})

async function batch(recording: Recording, release: Release, traffic: Traffic, random: Random) {
  // Signals are heard between two turns of the event loop, and virtual time needs none.
  await turn()
  const outcomes: Outcome[] = []
  while (outcomes.length < BATCH) {
    outcomes.push(await rollOut(new SimulatedEdge(recording, release, traffic, random), PLAN))
  }
  return outcomes
}
