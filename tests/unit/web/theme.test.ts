import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../apps/web/src/api/storage.ts'
import { chooseTheme, chosenTheme, opposite, THEME } from '../../../apps/web/src/theme/theme.ts'

describe('the theme', () => {
  it('is the system’s until somebody chooses', () => {
    const store = memoryStore()
    expect(chosenTheme(store)).toBeUndefined()
    store.setItem(THEME, 'purple')
    expect(chosenTheme(store)).toBeUndefined()
  })

  it('follows the system again when the choice is what the system has', () => {
    const store = memoryStore()
    expect(chooseTheme(store, 'dark', 'light')).toBe('dark')
    expect(chosenTheme(store)).toBe('dark')
    expect(chooseTheme(store, opposite('dark'), 'light')).toBeUndefined()
    expect(store.getItem(THEME)).toBeNull()
  })
})
