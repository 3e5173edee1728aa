import { exemption } from './access.ts'
import { visitors } from './client.ts'
import { expectStatus, json, send } from './http.ts'
import { AttemptFailed } from './recorder.ts'
import type { Crowd, Target } from './target.ts'

/** An order the shop has answered for: from here on it must exist, and be executed once. */
export type Acknowledged = { id: string; key: string }

type Placed = { order?: { id?: string | number } }
type Product = { id: number | string; stock: number }

/** Customers that place one order after another, each under an idempotency key of its own. */
export async function orders(target: Target, size: Crowd, acknowledged: Acknowledged[]): Promise<void> {
  const { url, recorder, run } = target
  const products = await productsInStock(target)
  let count = 0
  await visitors(
    target,
    { name: 'order', size, keepsConnection: true },
    (client) => () =>
      recorder.attempt('order', async ({ answered }) => {
        count += 1
        const key = `${run}-${count}`
        const product = products[count % products.length] as Product
        const answer = await client.send(new URL('/api/orders', url), {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': key },
          body: JSON.stringify({
            email: 'load@example.com',
            items: [{ product_id: product.id, quantity: 1 }],
          }),
        })
        answered(answer.servedBy)
        // 200 would mean that somebody has already used this key.
        expectStatus(answer, 201)
        const id = json<Placed>(answer).order?.id
        if (id === undefined) throw new AttemptFailed('answer', 'an order without `id`')
        acknowledged.push({ id: String(id), key })
      }),
  )
}

/** The products that a run can order without selling out, best stocked first. */
async function productsInStock({ url, access }: Target): Promise<Product[]> {
  const headers = exemption(access)
  const answer = await send(new URL('/api/products?page=1&limit=100', url), { headers })
  expectStatus(answer, 200)
  const stocked = json<{ products: Product[] }>(answer)
    .products.filter(({ stock }) => stock > 0)
    .sort((a, b) => b.stock - a.stock)
  if (stocked.length === 0) throw new Error(`no product in stock at ${url}: the load cannot place orders`)
  return stocked.slice(0, 10)
}
