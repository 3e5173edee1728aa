import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Pagination } from '../../api/types.ts'
import { Empty, ErrorNotice } from '../../ui/notice.tsx'
import { PagesNav } from '../../ui/pages-nav.tsx'
import { LinesSkeleton } from '../../ui/skeleton.tsx'
import { TableHead } from '../../ui/table-head.tsx'

type ListTable<Answer, Row> = {
  caption: string
  columns: readonly string[]
  query: UseQueryResult<Answer & { pagination: Pagination }>
  rows: (answer: Answer) => Row[]
  /** One `tr`. Its cells carry data-label, which stands in for the header on narrow screens. */
  children: (row: Row) => ReactNode
}

/** A list of the API with its loading, empty and error states, and the way to its other pages. */
export function ListTable<Answer, Row>({ caption, columns, query, rows, children }: ListTable<Answer, Row>) {
  const { data, error, isPending, isPlaceholderData, refetch } = query
  if (isPending) return <LinesSkeleton count={8} label={`Loading: ${caption}`} />
  if (error && !data) return <ErrorNotice error={error} retry={() => void refetch()} />
  if (!data) return null
  const list = rows(data)
  if (list.length === 0) return <Empty title="Nothing here" />
  return (
    <>
      {error ? <ErrorNotice error={error} retry={() => void refetch()} /> : null}
      <table className={isPlaceholderData ? 'table stale' : 'table'}>
        <caption className="visually-hidden">{caption}</caption>
        <TableHead columns={columns} />
        <tbody>{list.map(children)}</tbody>
      </table>
      <PagesNav {...data.pagination} />
    </>
  )
}
