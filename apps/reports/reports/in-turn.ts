/**
 * Lets one piece of work begin when the one before has ended, however that ended: work that keeps a processor of the
 * database busy would only slow down its like, and the customers too.
 */
export function inTurn(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work)
    last = result.catch(() => {})
    return result
  }
}
