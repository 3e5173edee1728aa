import { useQueries } from '@tanstack/react-query'
import { productQuery } from '../api/catalogue.ts'
import { ApiError } from '../api/problem.ts'
import { type CheckedLine, checkLine } from './check-line.ts'
import { useCart } from './use-cart.ts'

/** The cart with today's names, prices and stocks, as far as they are known. */
export function useCartLines(): CheckedLine[] {
  const lines = useCart()
  const answers = useQueries({ queries: lines.map(({ id }) => productQuery(id)) })
  return lines.map((line, index) => {
    const answer = answers[index]
    const gone = answer?.error instanceof ApiError && answer.error.status === 404
    return checkLine(line, answer?.data, gone)
  })
}
