import { useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'react-router'
import { auditQuery } from '../../api/admin.ts'
import { dateTime } from '../../format/dates.ts'
import { PageHeading } from '../../ui/page.tsx'
import { pageOf } from '../../ui/page-numbers.ts'
import { ListTable } from './table.tsx'

/** What administrators did, newest first. */
export function AuditPage() {
  const [params] = useSearchParams()
  const page = pageOf(params)
  const query = useQuery(auditQuery(page))
  return (
    <>
      <PageHeading key={page} title="Audit log" />
      <ListTable
        caption="Actions of administrators, newest first"
        columns={['Time', 'Who', 'Action', 'Target', 'Details']}
        query={query}
        rows={({ entries }) => entries}
      >
        {(entry) => (
          <tr key={entry.id}>
            <td data-label="Time">{dateTime(entry.created_at)}</td>
            <td data-label="Who" className="break">
              {entry.actor_id ? <code>{entry.actor_id.slice(0, 8)}</code> : 'command line'}
            </td>
            <td data-label="Action">{entry.action}</td>
            <td data-label="Target" className="break">
              {entry.target ?? '–'}
            </td>
            <td data-label="Details" className="break">
              {entry.details ? <code>{JSON.stringify(entry.details)}</code> : '–'}
            </td>
          </tr>
        )}
      </ListTable>
    </>
  )
}
