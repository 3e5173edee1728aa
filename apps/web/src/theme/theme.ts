import type { Store } from '../api/storage.ts'

export type Theme = 'light' | 'dark'

/** Also read by public/theme.js, before the first paint. */
export const THEME = 'ecomweb.theme'

/** What somebody chose, or undefined if they leave it to their system. */
export function chosenTheme(store: Store): Theme | undefined {
  const theme = store.getItem(THEME)
  return theme === 'light' || theme === 'dark' ? theme : undefined
}

export const opposite = (theme: Theme): Theme => (theme === 'light' ? 'dark' : 'light')

/** Remembers a choice. Choosing what the system has anyway means to follow the system again. */
export function chooseTheme(store: Store, theme: Theme, system: Theme): Theme | undefined {
  if (theme === system) store.removeItem(THEME)
  else store.setItem(THEME, theme)
  return chosenTheme(store)
}
