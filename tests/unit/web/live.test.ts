import { QueryClient } from '@tanstack/react-query'
import { describe, expect, it } from 'vitest'
import { applyEvent } from '../../../apps/web/src/live/apply.ts'

const event = (name: string, data: unknown) => ({ id: '7', event: name, data })

describe('an event', () => {
  it('changes the stock wherever the product is shown, and leaves the rest alone', () => {
    const queries = new QueryClient()
    const other = { products: [{ id: 9, stock: 9 }] }
    queries.setQueryData(['product', 1], { id: 1, stock: 5 })
    queries.setQueryData(['products', { page: 1 }], {
      products: [
        { id: 1, stock: 5 },
        { id: 2, stock: 2 },
      ],
    })
    queries.setQueryData(['products', { page: 2 }], other)
    expect(applyEvent(queries, event('stock.changed', { stock: [{ product_id: 1, stock: 4 }] }))).toEqual([])
    expect(queries.getQueryData(['product', 1])).toEqual({ id: 1, stock: 4 })
    expect(queries.getQueryData(['products', { page: 1 }])).toEqual({
      products: [
        { id: 1, stock: 4 },
        { id: 2, stock: 2 },
      ],
    })
    expect(queries.getQueryData(['products', { page: 2 }])).toBe(other)
  })

  it('shows an order’s new status at once and names what to ask for again', () => {
    const queries = new QueryClient()
    queries.setQueryData(['order', 'o1'], { id: 'o1', status: 'pending' })
    const data = { order_id: 'o1', status: 'paid', stock: [{ product_id: 1, stock: 4 }] }
    expect(applyEvent(queries, event('order.paid', data))).toContainEqual(['progress', 'o1'])
    expect(queries.getQueryData(['order', 'o1'])).toMatchObject({ status: 'paid' })
  })

  it('of an order that is not shown, or with nothing in it, does no harm', () => {
    const queries = new QueryClient()
    applyEvent(queries, event('order.created', { order_id: 'o2', status: 'pending' }))
    expect(queries.getQueryData(['order', 'o2'])).toBeUndefined()
    expect(applyEvent(queries, event('order.created', null))).toEqual([])
    expect(applyEvent(queries, event('something.new', { order_id: 'o2' }))).toEqual([])
  })
})
