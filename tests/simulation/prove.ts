import { expect } from 'vitest'
import { type Options, type Story, simulate } from './simulate.ts'

/** How much of a failing schedule's story is printed; all of it with SEED. */
const LAST_LINES = 60

/** Plays the schedules of so many seeds; the first that ends badly is told and can be played again. */
export async function prove(first: number, count: number): Promise<Map<string, number>> {
  const only = process.env.SEED
  if (only !== undefined) {
    const story = await simulate(Number(only), { tracing: true })
    console.log([...story.trace, ''].join('\n'))
    expect(story.violations).toEqual([])
    return story.exits
  }
  const exits = new Map<string, number>()
  for (let seed = first; seed < first + count; seed += 1) {
    const story = await simulate(seed)
    if (story.violations.length > 0) expect.fail(await tell(story))
    for (const [name, times] of story.exits) exits.set(name, (exits.get(name) ?? 0) + times)
    // The reporter wants to be heard now and then.
    if (seed % 500 === 0) await new Promise(setImmediate)
  }
  return exits
}

/** The first seed whose schedule shows that a bug is there. */
export async function find(bug: Options['bug'], limit: number): Promise<Story | undefined> {
  for (let seed = 1; seed <= limit; seed += 1) {
    const story = await simulate(seed, { bug })
    if (story.violations.length > 0) return story
  }
  return undefined
}

async function tell({ seed }: Story): Promise<string> {
  const { violations, trace } = await simulate(seed, { tracing: true })
  return [
    `schedule ${seed} ends badly:`,
    ...violations.map((violation) => `  ${violation}`),
    `its last ${LAST_LINES} lines:`,
    ...trace.slice(-LAST_LINES),
    `all of it: SEED=${seed} npx vitest run --project simulation`,
  ].join('\n')
}
