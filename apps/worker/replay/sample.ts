/** One run of a workflow that may be replayed. */
export type Execution = { type: string; workflowId: string; runId: string; closed: boolean }

/** What of Temporal's visibility is needed, as `client.workflow` has it; lists begin with the newest. */
export type Visibility = {
  count(query: string): Promise<{ count: number }>
  list(options: { query: string; pageSize?: number }): AsyncIterable<Listed>
}
type Listed = { type: string; workflowId: string; runId: string }

export type SampleLimits = {
  /** Running workflows of each type; of those that completed, a quarter as many. */
  perType: number
  /** Those that completed within so many milliseconds are taken. */
  closedWithinMs: number
  /** A condition on those that run; completed ones are then left out. */
  only?: string
}

export type Sample = { types: { type: string; running: number }[]; executions: Execution[] }

export const RUNNING = "ExecutionStatus = 'Running'"
const PAGE = 1000
/** To find the oldest, all newer ones are listed: as many as take a second or two. */
const MOST_LISTED = 20_000
const MOST_TYPES = 100

/**
 * Chooses what to replay. Of each type, half are the newest that run and half the oldest: those met most code, and those
 * are at every stage. All types come in turn, so that whoever runs out of time has seen each of them.
 */
export async function sample(
  visibility: Visibility,
  { perType, closedWithinMs, only }: SampleLimits,
  now: Date,
): Promise<Sample> {
  const completed = `ExecutionStatus = 'Completed' AND CloseTime > '${new Date(now.getTime() - closedWithinMs).toISOString()}'`
  const runs = only ? `${RUNNING} AND ${only}` : RUNNING
  const running: Execution[][] = []
  const closed: Execution[][] = []
  const types: Sample['types'] = []
  for (const type of await typesOf(visibility, runs)) {
    const query = `${runs} AND ${ofType(type)}`
    types.push({ type, running: (await visibility.count(query)).count })
    running.push((await ends(visibility, query, perType)).map((listed) => execution(listed, false)))
  }
  for (const type of only ? [] : await typesOf(visibility, completed)) {
    const found = await newest(visibility, `${completed} AND ${ofType(type)}`, Math.ceil(perType / 4))
    closed.push(found.map((listed) => execution(listed, true)))
    if (!types.some((known) => known.type === type)) types.push({ type, running: 0 })
  }
  return { types, executions: [...inTurn(running), ...inTurn(closed)] }
}

const execution = ({ type, workflowId, runId }: Listed, closed: boolean): Execution => ({
  ...{ type, workflowId, runId, closed },
})

export const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const ofType = (type: string): string => `WorkflowType = ${quoted(type)}`

/** Not every server can group by type, so each is asked for what is of none of the types known so far. */
async function typesOf(visibility: Visibility, query: string): Promise<string[]> {
  const types: string[] = []
  while (types.length < MOST_TYPES) {
    const others = types.map((type) => ` AND WorkflowType != ${quoted(type)}`).join('')
    const [first] = await newest(visibility, `${query}${others}`, 1)
    // A server that ignored the condition would be asked for ever.
    if (!first || types.includes(first.type)) break
    types.push(first.type)
  }
  return types
}

async function newest(visibility: Visibility, query: string, count: number): Promise<Listed[]> {
  const found: Listed[] = []
  if (count === 0) return found
  for await (const listed of visibility.list({ query, pageSize: count })) {
    found.push(listed)
    if (found.length === count) break
  }
  return found
}

/** The newest half of `count`, then the oldest from the oldest on. */
async function ends(visibility: Visibility, query: string, count: number): Promise<Listed[]> {
  const [half, rest] = [Math.ceil(count / 2), Math.floor(count / 2)]
  const first: Listed[] = []
  let last: Listed[] = []
  let seen = 0
  for await (const listed of visibility.list({ query, pageSize: PAGE })) {
    seen += 1
    if (first.length < half) first.push(listed)
    else last.push(listed)
    if (last.length > rest + PAGE) last = last.slice(last.length - rest)
    if (seen === MOST_LISTED) break
  }
  return [...first, ...last.toReversed().slice(0, rest)]
}

/** The first of each list, then the second of each, and so on. */
function inTurn<T>(lists: T[][]): T[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat()
}
