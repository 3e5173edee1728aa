import type { KeyWatch } from '../core/redis-watch.ts'
import type { AnswerCache } from './answer-cache.ts'
import type { Answer } from './products/answer.ts'

/** How long a change can go unnoticed whose word is late: it comes by a connection of its own. */
const TRUSTED_MS = 100
const MOST_KEPT = 100

/**
 * A cache that also remembers in this process what it has found, while `watch` would tell of a change. So what is asked
 * for most costs no round trip. A change by this process counts at once, any other as soon as word of it is here: it is
 * sent before the change is over (see `outdate`). Each answer is looked up again after a tenth of a second.
 */
export function rememberAnswers(
  cache: AnswerCache,
  watch: KeyWatch,
  now: () => number = Date.now,
): AnswerCache {
  const kept = new Map<string, { answer: Answer; until: number }>()
  let changes = 0
  const forget = () => {
    changes++
    kept.clear()
  }
  watch.onChange(forget)
  const endOfTurn = sharedTurn()
  return {
    async known(key) {
      if (!kept.has(key)) return
      // Word of a change that was here before the request may only be the next thing that is read.
      await endOfTurn()
      const found = kept.get(key)
      return found && watch.awake && now() < found.until ? found.answer : undefined
    },
    async look(key) {
      const [before, until] = [changes, now() + TRUSTED_MS]
      const found = await cache.look(key)
      // Word of a change can overtake an answer from before it: they come by different connections.
      if (found.answer && changes === before) {
        if (kept.size >= MOST_KEPT) kept.clear()
        kept.set(key, { answer: found.answer, until })
      }
      return found
    },
    async empty() {
      forget()
      await cache.empty()
      // Again: should Redis have refused, nobody else says so.
      forget()
    },
  }
}

/** Resolves when all has been read that has arrived; one timer for all who wait in a turn of the event loop. */
function sharedTurn(): () => Promise<void> {
  let turn: Promise<void> | undefined
  return () => {
    turn ??= new Promise((resolve) => {
      setImmediate(() => {
        turn = undefined
        resolve()
      })
    })
    return turn
  }
}
