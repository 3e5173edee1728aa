import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { categoriesQuery, productsQuery } from '../api/catalogue.ts'
import { SearchIcon } from '../ui/icons.tsx'
import { Empty, ErrorNotice } from '../ui/notice.tsx'
import { PageHeading } from '../ui/page.tsx'
import { pageOf } from '../ui/page-numbers.ts'
import { PagesNav } from '../ui/pages-nav.tsx'
import { ProductGrid } from '../ui/product-card.tsx'
import { GridSkeleton } from '../ui/skeleton.tsx'

const LIMIT = 12
/** Milliseconds after the last letter. */
const TYPING_MS = 350

/** The catalogue. What is searched and shown stands in the address, so that it can be linked to and gone back to. */
export function ProductsPage() {
  const [params] = useSearchParams()
  const search = params.get('search') ?? ''
  const category = params.get('category') ?? ''
  const page = pageOf(params)
  const list = useQuery(productsQuery({ page, limit: LIMIT, search, category }))
  const { products, pagination } = list.data ?? {}
  return (
    <>
      <PageHeading key={page} title="Products" />
      <search className="filters">
        <SearchField search={search} />
        <Categories current={category} />
      </search>
      <p className="result-count" role="status">
        {pagination && !list.isPlaceholderData ? countText(pagination.total, search, category) : '\u00a0'}
      </p>
      {list.isPending ? <GridSkeleton count={LIMIT} /> : null}
      {list.error ? <ErrorNotice error={list.error} retry={() => void list.refetch()} /> : null}
      {products && products.length > 0 ? (
        <div className={list.isPlaceholderData ? 'stale' : ''}>
          <h2 className="visually-hidden">Results</h2>
          <ProductGrid products={products} />
        </div>
      ) : null}
      {products?.length === 0 && !list.isPlaceholderData ? (
        <Empty title="Nothing fits">
          <p>No product is called or described like that.</p>
          <Link className="button" to="/products">
            Show all products
          </Link>
        </Empty>
      ) : null}
      {pagination ? <PagesNav {...pagination} /> : null}
    </>
  )
}

function countText(total: number, search: string, category: string): string {
  const count = total === 1 ? '1 product' : `${total} products`
  return count + (category ? ` in ${category}` : '') + (search ? ` for “${search}”` : '')
}

function withSearch(params: URLSearchParams, search: string): URLSearchParams {
  const next = new URLSearchParams(params)
  next.delete('page')
  if (search) next.set('search', search)
  else next.delete('search')
  return next
}

/** Searches at Enter or a moment after the last letter. */
function SearchField({ search }: { search: string }) {
  const [text, setText] = useState(search)
  const [, setParams] = useSearchParams()
  // Another address, for example by the back button: its search.
  useEffect(() => setText((typed) => (typed.trim() === search ? typed : search)), [search])

  useEffect(() => {
    const value = text.trim()
    if (value === search) return
    const timer = setTimeout(() => {
      setParams((params) => withSearch(params, value), { replace: true, preventScrollReset: true })
    }, TYPING_MS)
    return () => clearTimeout(timer)
  }, [text, search, setParams])
  return (
    <form
      className="search-field"
      onSubmit={(event) => {
        event.preventDefault()
        setParams((params) => withSearch(params, text.trim()), { replace: true })
      }}
    >
      <label className="visually-hidden" htmlFor="search">
        Search products
      </label>
      <SearchIcon />
      <input
        id="search"
        type="search"
        placeholder="Search products"
        enterKeyHint="search"
        maxLength={100}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <button type="submit" className="button">
        Search
      </button>
    </form>
  )
}

function Categories({ current }: { current: string }) {
  const { data } = useQuery(categoriesQuery())
  const [params] = useSearchParams()
  const to = (category: string) => {
    const next = new URLSearchParams(params)
    next.delete('page')
    next.delete('category')
    if (category) next.set('category', category)
    return `?${next}`
  }
  return (
    <nav aria-label="Categories">
      <ul className="chips">
        <li>
          <Link className="chip" to={to('')} aria-current={current ? undefined : 'true'}>
            All
          </Link>
        </li>
        {data?.map(({ name, products }) => (
          <li key={name}>
            <Link className="chip" to={to(name)} aria-current={current === name ? 'true' : undefined}>
              {name} <span className="chip-count">{products}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
