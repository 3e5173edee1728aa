/** The number of the page that the address names; 1 without one. */
export function pageOf(search: URLSearchParams): number {
  const page = Number(search.get('page') ?? 1)
  return Number.isInteger(page) && page > 0 ? page : 1
}

/** The pages to offer: the first, the last, and those around this one; 0 stands for a gap. */
export function pagesAround(page: number, pages: number): number[] {
  const near = Array.from({ length: pages }, (_, index) => index + 1).filter(
    (other) => other === 1 || other === pages || Math.abs(other - page) <= 1,
  )
  return near.flatMap((other, index) =>
    index > 0 && other - (near[index - 1] ?? 0) > 1 ? [0, other] : [other],
  )
}
