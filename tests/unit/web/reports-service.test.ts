import { describe, expect, it } from 'vitest'
import { createClient } from '../../../apps/web/src/api/client.ts'
import type { ImportAnswer } from '../../../apps/web/src/api/imports.ts'
import { ApiError, explain } from '../../../apps/web/src/api/problem.ts'
import { createReportsClient } from '../../../apps/web/src/api/reports-client.ts'
import { kinds } from '../../../apps/web/src/pages/admin/imports/kinds.ts'
import { fileProblem, judged, MOST_BYTES } from '../../../apps/web/src/pages/admin/imports/upload.ts'

/** The service behind a client; what it was asked is kept. */
function setUp(...answers: Response[]) {
  const asked: { path: string; headers: Record<string, string> }[] = []
  const api = createClient({
    send: async (path, init) => {
      asked.push({ path, headers: init.headers as Record<string, string> })
      return answers.shift() ?? Response.json({})
    },
    credentials: { token: async () => 't1', renew: async () => {} },
    wait: async () => {},
  })
  return { asked, reports: createReportsClient(api) }
}
const away = (status: number) =>
  Response.json({ error: 'Reports backend unavailable. Please try again in a moment.' }, { status })

describe('the reports service', () => {
  it.each([
    [503, 3],
    [504, 1],
  ])('is temporarily unavailable after %d, of which %d came', async (status, times) => {
    const { asked, reports } = setUp(away(status), away(status), away(status))
    const error = await reports('/reports/sales').catch((thrown) => thrown)
    expect(explain(error).message).toBe('The reports service is temporarily unavailable.')
    expect(error).toMatchObject({ status })
    expect(asked).toHaveLength(times)
  })

  it('says itself what else is wrong', async () => {
    const { reports } = setUp(Response.json({ detail: 'a range has at most 731 days' }, { status: 400 }))
    await expect(reports('/reports/sales')).rejects.toThrow('a range has at most 731 days')
  })

  it('gives a file to whoever is signed in', async () => {
    const { asked, reports } = setUp(new Response('day\n', { headers: { 'Content-Type': 'text/csv' } }))
    const file = await reports<Blob>('/reports/sales', { query: { format: 'csv' }, accept: 'text/csv' })
    expect(await file.text()).toBe('day\n')
    expect(asked[0]).toMatchObject({
      path: '/reports-api/reports/sales?format=csv',
      headers: { Accept: 'text/csv', Authorization: 'Bearer t1' },
    })
  })
})

describe('a file to import', () => {
  const answer = (accepted: number, rejected: number, errors: ImportAnswer['errors'] = []): ImportAnswer => ({
    import: { id: null, kind: 'costs', rows: accepted + rejected, accepted, rejected, created_at: '' },
    errors,
  })
  const wrong = [{ row: 3, column: 'cost', message: 'should be an amount' }]
  const refusal = (members: Record<string, unknown>) => new ApiError(422, 'refused', { members })

  it('that is empty or too large is not sent', () => {
    expect(fileProblem({ size: 0 })).toMatch(/empty/)
    expect(fileProblem({ size: MOST_BYTES })).toBeUndefined()
    expect(fileProblem({ size: MOST_BYTES + 1 })).toMatch(/10 MB/)
  })

  it('is judged by the answer, whole or in part', async () => {
    await expect(judged(true, async () => answer(4, 0))).resolves.toEqual({
      ...{ refused: false, accepted: 4, rejected: 0, errors: [] },
    })
    await expect(judged(true, async () => answer(3, 1, wrong))).resolves.toMatchObject({
      ...{ refused: false, accepted: 3, rejected: 1, errors: wrong },
    })
  })

  it('is judged by a refusal that names rows, and by no other', async () => {
    const fail = (error: Error) => async () => Promise.reject(error)
    const named = refusal({ errors: wrong, rejected: 7 })
    await expect(judged(false, fail(named))).resolves.toEqual({
      ...{ refused: true, accepted: undefined, rejected: 7, errors: wrong },
    })
    await expect(judged(true, fail(named))).resolves.toMatchObject({ refused: true, accepted: 0 })
    const others = [refusal({}), refusal({ errors: [] }), refusal({ errors: [{ path: 'x', message: 'y' }] })]
    for (const error of [...others, new ApiError(413, 'too large'), new Error('lost')])
      await expect(judged(true, fail(error))).rejects.toBe(error)
  })

  it('has a sample with as many fields in each row as the header', () => {
    for (const { sample } of Object.values(kinds)) {
      const widths = sample
        .trim()
        .split('\n')
        .map((line) => line.split(',').length)
      expect(widths.length).toBeGreaterThan(2)
      expect(new Set(widths).size).toBe(1)
    }
  })
})
