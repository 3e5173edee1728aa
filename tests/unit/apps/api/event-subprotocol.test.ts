import { describe, expect, test } from 'vitest'
import { accessTokenOf, selectSubprotocol } from '../../../../apps/api/events/subprotocol.ts'

describe('the access token of a WebSocket', () => {
  const of = (offered?: string, authorization?: string) =>
    accessTokenOf({
      ...(offered !== undefined && { 'sec-websocket-protocol': offered }),
      ...(authorization !== undefined && { authorization }),
    })

  test('is found among the offered subprotocols, wherever it stands', () => {
    expect(of('ecomweb.events, bearer.a.b-c_d')).toBe('a.b-c_d')
    expect(of('bearer.abc,ecomweb.events')).toBe('abc')
  })

  test('is absent for a guest', () => {
    expect(of()).toBeUndefined()
    expect(of('ecomweb.events')).toBeUndefined()
  })

  test('is taken from the header before the subprotocols', () => {
    expect(of('ecomweb.events, bearer.second', 'Bearer first')).toBe('first')
  })

  test.each([
    ['bearer.', undefined],
    ['ecomweb.events, bearer.a b', undefined],
    ['bearer.a"b', undefined],
    [undefined, 'Basic YTpi'],
  ])('is refused where it is not one: %s %s', (offered, authorization) => {
    expect(() => of(offered, authorization)).toThrow('Bearer')
  })

  test('is never the subprotocol that the server selects', () => {
    expect(selectSubprotocol(new Set(['bearer.abc', 'ecomweb.events']))).toBe('ecomweb.events')
    expect(selectSubprotocol(new Set(['bearer.abc']))).toBe(false)
  })
})
