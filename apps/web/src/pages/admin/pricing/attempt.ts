import { readJson, type Store } from '../../../api/storage.ts'

const ATTEMPT = 'ecomweb.pricing-attempt'

type Attempt = { fingerprint: string; rule: string; key: string }

/**
 * The key under which the changes of a preview are applied. It stays the same, also through a reload of the page,
 * until `settle` says that the answer is known, so that trying again never applies them twice.
 */
export function applyKey(
  { fingerprint, rule }: Omit<Attempt, 'key'>,
  store: Store,
  newKey: () => string,
): string {
  const last = (readJson(store, ATTEMPT) ?? {}) as Partial<Attempt>
  if (last.fingerprint === fingerprint && last.rule === rule && typeof last.key === 'string') return last.key
  const key = newKey()
  store.setItem(ATTEMPT, JSON.stringify({ fingerprint, rule, key } satisfies Attempt))
  return key
}

export const settle = (store: Store): void => store.removeItem(ATTEMPT)

/** A preview that differs shows what became of the last attempt: its key is of no more use. */
export function forgetOther(fingerprint: string, store: Store): void {
  const last = (readJson(store, ATTEMPT) ?? {}) as Partial<Attempt>
  if (last.fingerprint !== undefined && last.fingerprint !== fingerprint) settle(store)
}
