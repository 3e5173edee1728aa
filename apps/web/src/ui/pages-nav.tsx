import { Link, useSearchParams } from 'react-router'
import type { Pagination } from '../api/types.ts'
import { pagesAround } from './page-numbers.ts'

/** Links to other pages of the same list; everything else in the address stays. */
export function PagesNav({ page, pages }: Pagination) {
  const [search] = useSearchParams()
  if (pages <= 1) return null
  const to = (other: number) => {
    const next = new URLSearchParams(search)
    if (other === 1) next.delete('page')
    else next.set('page', String(other))
    return `?${next}`
  }
  return (
    <nav className="pages" aria-label="Pages">
      {page > 1 ? <Link to={to(page - 1)}>Previous</Link> : <span aria-hidden="true">Previous</span>}
      <ol>
        {pagesAround(page, pages).map((other, index) => (
          <li key={other || `gap-${index}`}>
            {other === 0 ? (
              <span aria-hidden="true">…</span>
            ) : (
              <Link
                to={to(other)}
                aria-label={`Page ${other}`}
                aria-current={other === page ? 'page' : undefined}
              >
                {other}
              </Link>
            )}
          </li>
        ))}
      </ol>
      {page < pages ? <Link to={to(page + 1)}>Next</Link> : <span aria-hidden="true">Next</span>}
    </nav>
  )
}
