/** How a release differs from the one before: shares of its answers that become errors, and what they take longer. */
export type Release = {
  name: string
  /** Share of answers to users that are errors in addition. */
  users: number
  /** The same of answers to probes. */
  probes: number
  /** By how many times the latency grows. */
  slower: number
}

/** A route with 4 % of the traffic; it is one of four that are probed. */
const ROUTE = { users: 0.04, probes: 0.25 }
/** Every POST fails: 5 % of users' requests, a third of the default probes' answers and more, undone or not. */
const POST = { users: 0.05, probes: 0.5 }

export const GOOD: Release = { name: 'good release', users: 0, probes: 0, slower: 1 }
export const BAD: Release[] = [
  { name: '3 % errors', users: 0.03, probes: 0.03, slower: 1 },
  { name: 'one route', ...ROUTE, slower: 1 },
  { name: 'latency doubled', users: 0, probes: 0, slower: 2 },
  { name: 'POST only', ...POST, slower: 1 },
]
