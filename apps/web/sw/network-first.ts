const LIMIT_MS = 5000

/** How `networkFirst` waits; the default is the worker's own clock. */
export type After = (ms: number) => Promise<void>

const after: After = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * The network's answer; what is kept if there is none within five seconds, or only the news that the server is not
 * well. Without anything kept the network has the last word. Errors: no network and nothing kept.
 */
export async function networkFirst(
  ask: () => Promise<Response>,
  kept: () => Promise<Response | undefined>,
  wait: After = after,
): Promise<Response> {
  const answer = ask()
  const first = await Promise.race([answer.catch(() => undefined), wait(LIMIT_MS)])
  if (first && first.status < 500) return first
  return (await kept()) ?? answer
}
