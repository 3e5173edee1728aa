type Turn<T> = { over: Promise<unknown>; next: Promise<T> | undefined }

/**
 * Lets all who ask for the same at the same time share the work: while it runs for one, those who come meanwhile wait
 * and share the next run. So at most one runs at a time for a key, and yet nobody gets what was read before they asked.
 */
export function shareWork<T>(): (key: string, work: () => Promise<T>) => Promise<T> {
  const turns = new Map<string, Turn<T>>()

  function begin(key: string, work: () => Promise<T>): Promise<T> {
    const result = work()
    const turn: Turn<T> = { over: result.catch(() => {}), next: undefined }
    turns.set(key, turn)
    void turn.over.then(() => {
      if (!turn.next) turns.delete(key)
    })
    return result
  }

  return (key, work) => {
    const turn = turns.get(key)
    if (!turn) return begin(key, work)
    turn.next ??= turn.over.then(() => begin(key, work))
    return turn.next
  }
}
