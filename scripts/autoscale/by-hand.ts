/** How many workers `.env` says there are, and how many run. */
export type Counts = { said: number; running: number }

export type Range = { min: number; max: number }

/**
 * Who decides now. `free`: the autoscaler. `held`: a person did, and outside the limits. `unsettled`: the two numbers
 * differ, maybe only for a moment. `adopt`: they have differed for a while, so both become what a person last set.
 */
export type Hand =
  | { state: 'free' }
  | { state: 'held'; reason: string }
  | { state: 'unsettled'; reason: string }
  | { state: 'adopt'; to: number; reason: string }

export type HandMemory = {
  /** What both numbers were when they last were the same. */
  agreed?: number
  last: Counts
  /** How many looks in a row have shown these numbers. */
  looks: number
}

/** A container that is replaced, or an engine that starts, passes by other numbers for a few seconds. */
const SETTLED_LOOKS = 3

/** Tells what a person has set by hand from what the autoscaler left. */
export function judgeHand(
  counts: Counts,
  before: HandMemory | undefined,
  { min, max }: Range,
  settled = SETTLED_LOOKS,
): { hand: Hand; memory: HandMemory } {
  const { said, running } = counts
  const same = before && before.last.said === said && before.last.running === running
  const looks = same ? before.looks + 1 : 1
  const agreed = said === running ? said : before?.agreed
  const memory: HandMemory = { last: counts, looks, ...(agreed === undefined ? {} : { agreed }) }
  const limits = `${min} to ${max}`
  const held = (what: string): Hand => ({
    state: 'held',
    reason: `${what}, outside ${limits}: left as it is`,
  })
  if (said < min || said > max) return { hand: held(`WORKER_REPLICAS is ${said}`), memory }
  if (said === running) return { hand: { state: 'free' }, memory }
  const differ = `${running} workers run, WORKER_REPLICAS is ${said}`
  if (looks < settled) return { hand: { state: 'unsettled', reason: differ }, memory }
  // Nobody can say any more which of the two came last, so none is stopped that somebody may have wanted.
  const to = agreed === undefined ? Math.max(said, running) : said === agreed ? running : said
  if (to < min || to > max) return { hand: held(differ), memory }
  return { hand: { state: 'adopt', to, reason: `${differ}: set by hand` }, memory }
}
