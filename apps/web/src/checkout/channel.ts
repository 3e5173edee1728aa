import type { Store } from '../api/storage.ts'

const CHANNEL = 'ecomweb.channel'
const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/

/**
 * Keeps, for this visit, the channel that the address names as `utm_source`: the one that people came by last. Names
 * that the API would not take are passed over.
 */
export function rememberChannel(search: string, store: Store): void {
  const name = new URLSearchParams(search).get('utm_source')?.toLowerCase() ?? ''
  if (NAME.test(name)) store.setItem(CHANNEL, name)
}

export function rememberedChannel(store: Store): string | undefined {
  const name = store.getItem(CHANNEL) ?? ''
  return NAME.test(name) ? name : undefined
}
