import { useQuery } from '@tanstack/react-query'
import { Link, useSearchParams } from 'react-router'
import { type Run, runsQuery } from '../../../api/pricing.ts'
import { dateTime } from '../../../format/dates.ts'
import { count } from '../../../format/numbers.ts'
import { PageHeading } from '../../../ui/page.tsx'
import { pageOf } from '../../../ui/page-numbers.ts'
import { ListTable } from '../table.tsx'

/** What was applied, newest first. */
export function RunsPage() {
  const [params] = useSearchParams()
  const page = pageOf(params)
  const query = useQuery(runsQuery(page))
  return (
    <>
      <PageHeading key={page} title="Past price changes" />
      <ListTable
        caption="Price changes, newest first"
        columns={['Time', 'Prices', 'Who', 'State', 'Details']}
        query={query}
        rows={({ runs }) => runs}
      >
        {(run) => (
          <tr key={run.id}>
            <td data-label="Time">{dateTime(run.applied_at)}</td>
            <td data-label="Prices" className="number">
              {count(run.changes)}
            </td>
            <td data-label="Who">{run.actor_id ? <code>{run.actor_id.slice(0, 8)}</code> : 'unknown'}</td>
            <td data-label="State">
              <RunState run={run} />
            </td>
            <td data-label="Details">
              <Link to={`/admin/pricing/runs/${run.id}`}>
                Look or undo<span className="visually-hidden">: {dateTime(run.applied_at)}</span>
              </Link>
            </td>
          </tr>
        )}
      </ListTable>
    </>
  )
}

export function RunState({ run }: { run: Run }) {
  return run.undone_at ? (
    <span className="badge badge-refunded">Undone</span>
  ) : (
    <span className="badge badge-completed">Applied</span>
  )
}
