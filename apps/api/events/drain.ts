/** A long-lived connection as far as ending it is concerned. */
export type Drainable = { readonly kind: 'websocket' | 'stream'; end(): void }

export type Drained = { websockets: number; streams: number }

/** How many connections have been ended altogether. */
export const altogether = (drained: Drained[]): Drained => ({
  websockets: drained.reduce((sum, { websockets }) => sum + websockets, 0),
  streams: drained.reduce((sum, { streams }) => sum + streams, 0),
})

/**
 * One moment within the window for each of n clients: an equal slice for each and a random place in it, so that they
 * come back neither at once nor in step.
 */
export function spread(n: number, windowMs: number, random: () => number = Math.random): number[] {
  const slice = windowMs / Math.max(n, 1)
  return Array.from({ length: n }, (_, index) => Math.floor((index + random()) * slice))
}

/** Ends every given connection, spread over the window; resolves with how many there were. */
export async function drain(
  clients: Iterable<Drainable>,
  windowMs: number,
  pause: (ms: number) => Promise<unknown>,
): Promise<Drained> {
  const ending = [...clients]
  const moments = spread(ending.length, windowMs)
  let elapsed = 0
  for (const [index, client] of ending.entries()) {
    const moment = moments[index] ?? windowMs
    if (moment > elapsed) await pause(moment - elapsed)
    elapsed = moment
    client.end()
  }
  const websockets = ending.filter((client) => client.kind === 'websocket').length
  return { websockets, streams: ending.length - websockets }
}
