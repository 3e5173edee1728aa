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

/** Reading an order fails: 4 % of users' requests. Of four answers to probes one is that route's. */
const ROUTE = { users: 0.04, probes: 0.25 }
/** One POST in ten fails: 5 % of users' requests are POST, and of four answers to probes two. */
const POST = { users: 0.05 * 0.1, probes: 0.5 * 0.1 }

export const GOOD: Release = { name: 'good release', users: 0, probes: 0, slower: 1 }
export const BAD: Release[] = [
  { name: '3 % errors', users: 0.03, probes: 0.03, slower: 1 },
  { name: 'one route', ...ROUTE, slower: 1 },
  { name: 'latency doubled', users: 0, probes: 0, slower: 2 },
  { name: 'POST only', ...POST, slower: 1 },
]
