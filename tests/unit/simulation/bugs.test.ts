import { describe, expect, it } from 'vitest'
import { BUGS } from '../../simulation/bugs.ts'
import { find } from '../../simulation/prove.ts'

describe('the simulation finds', () => {
  it.each(Object.entries(BUGS))(
    '%s',
    async (name, bug) => {
      const story = await find(bug, 10_000)
      console.log(`${name}: found by schedule ${story?.seed}: ${story?.violations[0]}`)
      expect(story).toBeDefined()
    },
    60_000,
  )
})
