import { useState, useSyncExternalStore } from 'react'
import { local } from '../api/shop.ts'
import { chooseTheme, chosenTheme, opposite, type Theme } from './theme.ts'

const dark = matchMedia('(prefers-color-scheme: dark)')

function watchSystem(listener: () => void): () => void {
  dark.addEventListener('change', listener)
  return () => dark.removeEventListener('change', listener)
}

/** The theme that is shown, and a way to the other one. */
export function useTheme(): { theme: Theme; toggle: () => void } {
  const system: Theme = useSyncExternalStore(watchSystem, () => dark.matches) ? 'dark' : 'light'
  const [chosen, setChosen] = useState(() => chosenTheme(local))
  const theme = chosen ?? system
  return {
    theme,
    toggle() {
      const next = chooseTheme(local, opposite(theme), system)
      if (next) document.documentElement.dataset.theme = next
      else delete document.documentElement.dataset.theme
      setChosen(next)
    },
  }
}
