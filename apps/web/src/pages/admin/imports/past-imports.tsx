import { useQuery } from '@tanstack/react-query'
import { useSearchParams } from 'react-router'
import { importsQuery } from '../../../api/imports.ts'
import { dateTime } from '../../../format/dates.ts'
import { count } from '../../../format/numbers.ts'
import { pageOf } from '../../../ui/page-numbers.ts'
import { ListTable } from '../table.tsx'
import { kinds } from './kinds.ts'

export function PastImports() {
  const [params] = useSearchParams()
  const query = useQuery(importsQuery(pageOf(params)))
  return (
    <section className="stack" aria-labelledby="past-imports">
      <h2 id="past-imports">Imports so far</h2>
      <ListTable
        caption="Imports, newest first"
        columns={['Time', 'What', 'Rows', 'Imported', 'Left out']}
        query={query}
        rows={({ imports }) => imports}
      >
        {({ id, kind, rows, accepted, rejected, created_at }) => (
          <tr key={id}>
            <td data-label="Time">{dateTime(created_at)}</td>
            <td data-label="What">{kinds[kind]?.title ?? kind}</td>
            <td data-label="Rows" className="number">
              {count(rows)}
            </td>
            <td data-label="Imported" className="number">
              {count(accepted)}
            </td>
            <td data-label="Left out" className="number">
              {count(rejected)}
            </td>
          </tr>
        )}
      </ListTable>
    </section>
  )
}
