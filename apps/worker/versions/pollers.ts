/** Who asks for tasks: `version` is `deployment:build`, or '' for workers without versions; the time in milliseconds. */
export type Poller = { identity: string; version: string; lastAccess: number }

/** `current` is the version that gets what is pinned to none: `deployment:build`, or '' for workers without versions. */
export type Routing = { current: string; pollers: Poller[] }

/** A question for tasks is asked anew every minute; one that ends says so. */
const LIVE_MS = 75_000

export const livePollers = (pollers: Poller[], now: number): Poller[] =>
  pollers.filter(({ lastAccess }) => now - lastAccess < LIVE_MS)

/** Whether workers of `own` ask for tasks and those of the current version do not. */
export function isAlone({ current, pollers }: Routing, own: string, now: number): boolean {
  const live = new Set(livePollers(pollers, now).map(({ version }) => version))
  return current !== own && live.has(own) && !live.has(current)
}

/** Of all processes of a version, one: that whose identity comes first. They agree without talking to each other. */
export function leads(identity: string, { pollers }: Routing, own: string, now: number): boolean {
  const mates = livePollers(pollers, now).filter(({ version }) => version === own)
  return mates.map((mate) => mate.identity).sort()[0] === identity
}
