import { visitors } from './client.ts'
import { expectStatus, json } from './http.ts'
import type { Acknowledged } from './orders.ts'
import { AttemptFailed } from './recorder.ts'
import type { Crowd, Target } from './target.ts'

const NEVER_PLACED = '00000000-0000-4000-8000-000000000000'

/** Customers who want to know how it stands with an order: one of this run, or until there is any, one of nobody. */
export async function lookUps(
  target: Target,
  size: Crowd,
  acknowledged: readonly Acknowledged[],
): Promise<void> {
  const { url, recorder } = target
  await visitors(
    target,
    { name: 'look-up', size, keepsConnection: true },
    (client) => () =>
      recorder.attempt('look-up', async ({ answered }) => {
        const placed = acknowledged[Math.floor(Math.random() * acknowledged.length)]
        const answer = await client.send(new URL(`/api/orders/${placed?.id ?? NEVER_PLACED}`, url))
        answered(answer.servedBy)
        expectStatus(answer, placed ? 200 : 404)
        if (!placed) return
        const id = json<{ order?: { id?: string | number } }>(answer).order?.id
        if (String(id) !== placed.id) throw new AttemptFailed('answer', `order ${id} instead of ${placed.id}`)
      }),
  )
}
