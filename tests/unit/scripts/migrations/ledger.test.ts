import { expect, it } from 'vitest'
import { databaseLedger } from '../../../../scripts/migrations/ledger.ts'

it('says which database does not answer, without its password', async () => {
  const ledger = databaseLedger(async () => 'postgresql://shop:hidden@127.0.0.1:1/shop')
  const error = await ledger.migrations().catch((error: Error) => error)
  expect(error).toMatchObject({
    why: expect.stringMatching(/^127\.0\.0\.1:1: .*ECONNREFUSED/),
    next: './ecomweb status',
  })
  expect(JSON.stringify(error)).not.toContain('hidden')
})
