import { z } from 'zod'

/** Which page of a list a client asks for: at most the page `deepest`, and 100 entries of it. */
export const pageQuery = (deepest = 1_000_000) =>
  z.object({
    page: z.coerce.number().int().min(1).max(deepest).default(1),
    limit: z.coerce.number().int().min(1).max(100).default(20),
  })

export type Page = { page: number; limit: number }
export type Pagination = Page & { total: number; pages: number }

/** What stands beside the entries of a page; `total`: how many there are on all pages. */
export const paginate = ({ page, limit }: Page, total: number): Pagination => ({
  page,
  limit,
  total,
  pages: Math.ceil(total / limit),
})
