import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { type Preview, previewQuery, rulesQuery } from '../../../api/pricing.ts'
import { passing } from '../../../api/shop.ts'
import { count } from '../../../format/numbers.ts'
import { Empty, ErrorNotice } from '../../../ui/notice.tsx'
import { PageHeading } from '../../../ui/page.tsx'
import { LinesSkeleton } from '../../../ui/skeleton.tsx'
import { SearchFilter, SelectFilter } from '../filter.tsx'
import { ApplyDialog } from './apply-dialog.tsx'
import { forgetOther } from './attempt.ts'
import { ChangeTable } from './change-table.tsx'
import { changesShown, directions, orders } from './preview-rows.ts'
import { inOrder } from './rule-words.ts'

/** What the rules would do to prices now, and the way to do it. */
export function PreviewPage() {
  const [params] = useSearchParams()
  const rule = params.get('rule') ?? ''
  const { data, error, isFetching, refetch } = useQuery(previewQuery(rule))
  const { data: rules } = useQuery(rulesQuery())
  const [applying, setApplying] = useState(false)

  useEffect(() => {
    if (data) forgetOther(data.fingerprint, passing)
  }, [data])

  return (
    <>
      <PageHeading title="Preview of prices">
        <span className="row">
          <button type="button" className="button" disabled={isFetching} onClick={() => void refetch()}>
            {isFetching ? 'Calculating…' : 'Calculate again'}
          </button>
          {data && data.changes.length > 0 ? (
            <button
              type="button"
              className="button button-primary"
              disabled={isFetching}
              onClick={() => setApplying(true)}
            >
              Apply {changesOf(data.changes.length)}
            </button>
          ) : null}
        </span>
      </PageHeading>
      <div className="toolbar">
        <SelectFilter
          name="rule"
          label="Rules"
          options={[
            ['', 'All rules that are on'],
            ...inOrder(rules ?? []).map(({ id, name }): [string, string] => [id, `Only: ${name}`]),
          ]}
        />
      </div>
      {error ? <ErrorNotice error={error} retry={() => void refetch()} /> : null}
      {isFetching && !data ? <LinesSkeleton count={8} label="Calculating prices" /> : null}
      {data ? <Body preview={data} /> : null}
      {applying && data ? (
        <ApplyDialog
          preview={data}
          rule={rule}
          onClose={() => setApplying(false)}
          onOutdated={() => {
            setApplying(false)
            void refetch()
          }}
        />
      ) : null}
    </>
  )
}

const changesOf = (number: number): string => `${count(number)} ${number === 1 ? 'change' : 'changes'}`

function Body({ preview: { changes, unchanged, skipped } }: { preview: Preview }) {
  const [params] = useSearchParams()
  const shown = changesShown(changes, params.get('search') ?? '', params.get('order') ?? '')
  const { up, down } = directions(changes)
  return (
    <div className="report">
      <p>
        <strong>{changesOf(changes.length)}</strong>: {count(up)} up, {count(down)} down. {count(unchanged)}{' '}
        stay as they are.
      </p>
      {changes.length === 0 ? (
        <Empty title="No price would change">
          <Link to="/admin/pricing">The rules</Link>
        </Empty>
      ) : (
        <>
          <div className="filters">
            <SearchFilter name="search" label="Find products" />
            <SelectFilter name="order" label="Order" options={orders} />
          </div>
          {shown.length === 0 ? <Empty title="No such product changes" /> : <ChangeTable changes={shown} />}
        </>
      )}
      {skipped.length > 0 ? (
        <details className="chart">
          <summary>{count(skipped.length)} left alone, and why</summary>
          <ul className="skipped">
            {skipped.map(({ product_id, name, reason }) => (
              <li key={product_id}>
                <Link to={`/products/${product_id}`}>{name}</Link> <span className="small">{reason}</span>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </div>
  )
}
