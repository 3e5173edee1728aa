/** How long a client may take for what it was sent before it counts as gone. */
export const PATIENCE_MS = 30_000

/**
 * Waits until `flushed` says so, or gives the client up. This wait is what bounds memory: nothing more is read for a
 * client that has not taken the last page.
 */
export function flushOrGiveUp(flushed: (done: () => void) => void, giveUp: () => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      giveUp()
      resolve()
    }, PATIENCE_MS)
    timer.unref()
    flushed(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
