import { useSyncExternalStore } from 'react'
import { local } from '../api/shop.ts'
import { CART, type Cart, createCartStore } from './cart.ts'

export const cart = createCartStore(local)

addEventListener('storage', ({ key }) => {
  if (key === CART) cart.reload()
})

export const useCart = (): Cart => useSyncExternalStore(cart.subscribe, cart.get)
