import { describe, expect, it } from 'vitest'
import { memoryStore } from '../../../apps/web/src/api/storage.ts'
import { rememberChannel, rememberedChannel } from '../../../apps/web/src/checkout/channel.ts'

const channelAfter = (...visits: string[]) => {
  const store = memoryStore()
  for (const search of visits) rememberChannel(search, store)
  return rememberedChannel(store)
}

describe('where a customer came from', () => {
  it('is the last utm_source that was followed, in lower case', () => {
    expect(channelAfter('')).toBeUndefined()
    expect(channelAfter('?utm_source=Newsletter&utm_medium=mail')).toBe('newsletter')
    expect(channelAfter('?utm_source=search', '?page=2', '?utm_source=spring-2026', '')).toBe('spring-2026')
  })

  it.each(['-a', 'a b', 'é', 'a_b', 'x'.repeat(33), '<script>'])('is not %j', (name) => {
    expect(channelAfter(`?utm_source=${encodeURIComponent(name)}`)).toBeUndefined()
  })

  it('takes 32 characters', () => {
    expect(channelAfter(`?utm_source=${'x'.repeat(32)}`)).toBe('x'.repeat(32))
  })
})
