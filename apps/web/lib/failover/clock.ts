/** Time as these libraries see it, in milliseconds, so that tests need not wait. */
export type Clock = {
  now(): number
  setTimeout(run: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
}

/** The clock of the browser or of Node. Waiting for the next check does not keep a Node process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(run, ms) {
    const timer: unknown = setTimeout(run, ms)
    if (typeof timer === 'object' && timer !== null && 'unref' in timer) (timer as { unref(): void }).unref()
    return timer
  },
  clearTimeout: (timer) => clearTimeout(timer as number),
}
