import { expect, it } from 'vitest'
import { stack } from './harness/current.ts'
it('is up', async () => expect(await stack.active()).toMatch(/blue|green/))
