import type { OwnDatabase } from '../database.ts'
import { exchange } from './exchange.ts'
import { aPassword, type World } from './world.ts'

export type Person = { id: string; email: string; password: string; token: string; refresh: string }

type Settled = Omit<World, 'url' | 'headers' | 'close'> & { admin: Person }

/** The smallest file that passes for a PNG. */
export const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('a picture of a mug')])

/** Brings people, products and orders of every kind into a new shop, by its API as far as that goes. */
export async function settle(
  own: OwnDatabase,
  url: string,
  headers: Record<string, string>,
): Promise<Settled> {
  async function ask(method: string, path: string, body: unknown, more: Record<string, string> = {}) {
    const answer = await exchange(url, {
      ...{ method, path },
      headers: { ...headers, 'content-type': 'application/json', 'x-ecomweb-client': 'token', ...more },
      body: Buffer.isBuffer(body) ? body : JSON.stringify(body),
    })
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
    return { headers: answer.headers, ...JSON.parse(answer.text) }
  }
  async function person(name: string, how: 'register' | 'login' = 'register', password = aPassword()) {
    const email = `${name}@example.com`
    const session = await ask('POST', `/api/auth/${how}`, { email, password })
    return { id: session.user.id, email, password, token: session.token, refresh: session.refresh_token }
  }
  const bearer = ({ token }: Person) => ({ authorization: `Bearer ${token}` })

  const user = await person('anna')
  const bert = await person('bert.secret')
  const { password } = await person('admin')
  await own.sql(`UPDATE users SET role = 'admin' WHERE email = 'admin@example.com'`)
  const admin = await person('admin', 'login', password)
  const spare = [await person('carla'), await person('dora')]

  const product = async (name: string, price_cents: number, stock: number): Promise<number> => {
    const input = { name, description: '', price_cents, stock, category: 'dear' }
    return (await ask('POST', '/api/products', input, bearer(admin))).product.id
  }
  const dear = await product('As dear as can be, and no end of it', 10_000_000, 1_000_000_000)
  const doomed: number[] = []
  for (let each = 0; each < 12; each++) doomed.push(await product(`Doomed ${each}`, 1, 1))

  let number = 0
  const order = async (name: string, by?: Person): Promise<{ id: string; key: string }> => {
    const key = `key-of-${name}-${++number}`
    const body = { ...(!by && { email: `${name}@example.com` }), items: [{ product_id: 1, quantity: 1 }] }
    const more = { 'idempotency-key': key, ...(by && bearer(by)) }
    return { id: (await ask('POST', '/api/orders', body, more)).order.id, key }
  }
  const berts = [await order('bert', bert), await order('bert', bert)]
  const annas = [await order('anna', user), await order('anna', user), await order('anna', user)]
  const guests = [await order('guest'), await order('guest')]
  const completed = [await order('anna', user), await order('guest'), await order('guest')]
  const ids = completed.map(({ id }) => id)
  await own.sql(`UPDATE orders SET status = 'completed', completed_at = now() WHERE id = ANY($1::uuid[])`, [
    ids,
  ])

  const { id: upload } = await ask('PUT', '/api/uploads/mug.png', PNG, { 'content-type': 'image/png' })
  const table = Buffer.from('name,description,price,stock,category\nImported,,1.50,3,dear\n')
  const asTable = { 'content-type': 'text/csv', ...bearer(admin) }
  const { id: imported } = (await ask('POST', '/api/admin/imports/products', table, asTable)).import
  const read = await exchange(url, { method: 'GET', path: `/api/products/${dear}`, headers, body: undefined })
  const idsOf = (orders: { id: string }[]) => orders.map(({ id }) => id)
  return {
    ...{ user, admin, doomed },
    products: [1, 2, 3, dear],
    orders: idsOf([...annas, ...guests, ...completed, ...berts]),
    completed: ids,
    keys: [...annas, ...guests, ...berts].map(({ key }) => key),
    users: [...spare.map(({ id }) => id), user.id],
    uploads: [upload],
    imports: [imported],
    etags: [String(read.headers.etag)],
    refreshTokens: [(await person('carla', 'login', spare[0]?.password)).refresh],
    logouts: spare.map(({ refresh }) => refresh),
    secret: { orders: idsOf(berts), texts: [bert.email, bert.id] },
  }
}
