import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useLocation, useParams } from 'react-router'
import { type AppliedChange, type Kept, runQuery, undoRun } from '../../../api/pricing.ts'
import { dateTime } from '../../../format/dates.ts'
import { money } from '../../../format/money.ts'
import { count, percentChange } from '../../../format/numbers.ts'
import { Confirm } from '../../../ui/confirm.tsx'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { PageHeading } from '../../../ui/page.tsx'
import { LinesSkeleton } from '../../../ui/skeleton.tsx'
import { FigureTable } from '../reports/figure-table.tsx'
import { outdateCatalogue } from './outdate.ts'
import { RunState } from './runs.tsx'

/** What one run changed, and the way back. */
export function RunPage() {
  const { id = '' } = useParams()
  const { data, error, isPending, refetch } = useQuery(runQuery(id))
  const applied = (useLocation().state as { applied?: boolean } | null)?.applied
  const queries = useQueryClient()
  const [asking, setAsking] = useState(false)
  const [kept, setKept] = useState<Kept[]>([])
  const undo = async () => {
    const answer = await undoRun(id)
    setKept(answer.kept ?? [])
    await outdateCatalogue(queries)
  }
  return (
    <>
      <PageHeading title={data ? `Prices changed ${dateTime(data.run.applied_at)}` : 'Prices changed'}>
        {data && !data.run.undone_at ? (
          <button type="button" className="button" onClick={() => setAsking(true)}>
            Undo
          </button>
        ) : null}
      </PageHeading>
      {isPending ? <LinesSkeleton count={6} label="Loading the changes" /> : null}
      {error ? <ErrorNotice error={error} retry={() => void refetch()} /> : null}
      {data ? (
        <div className="report">
          <p className="row" role="status">
            <RunState run={data.run} />
            {data.run.undone_at
              ? `The old prices are back since ${dateTime(data.run.undone_at)}.`
              : applied
                ? `${count(data.changes.length)} prices are changed.`
                : `${count(data.changes.length)} prices.`}
          </p>
          {kept.length > 0 ? (
            <div className="notice">
              <p>
                {count(kept.length)} had been changed again since and stay:{' '}
                {kept.map(({ name, product_id }) => name ?? product_id).join(', ')}.
              </p>
            </div>
          ) : null}
          <Changes changes={data.changes} />
        </div>
      ) : null}
      {asking ? (
        <Confirm
          title="Undo these changes?"
          action="Give back the old prices"
          run={undo}
          onClose={() => setAsking(false)}
        >
          <p>Prices that somebody has changed again since then stay as they are.</p>
        </Confirm>
      ) : null}
    </>
  )
}

function Changes({ changes }: { changes: AppliedChange[] }) {
  return (
    <FigureTable
      caption="What changed"
      rows={changes}
      rowKey={({ product_id }) => product_id}
      first={{ by: 'Product', descending: false }}
      columns={[
        {
          title: 'Product',
          cell: ({ product_id, name }) => <Link to={`/products/${product_id}`}>{name}</Link>,
          value: ({ name }) => name,
          text: true,
        },
        {
          title: 'Before',
          cell: ({ price_cents }) => money(price_cents),
          value: ({ price_cents }) => price_cents,
        },
        {
          title: 'After',
          cell: ({ new_price_cents }) => money(new_price_cents),
          value: ({ new_price_cents }) => new_price_cents,
        },
        {
          title: 'Change',
          cell: ({ delta_percent }) => percentChange(delta_percent),
          value: ({ delta_percent }) => delta_percent,
        },
        { title: 'Why', cell: ({ reason }) => reason, text: true },
      ]}
    />
  )
}
