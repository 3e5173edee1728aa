import type { RowError } from '../../../api/imports.ts'
import { count } from '../../../format/numbers.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { FigureTable } from '../reports/figure-table.tsx'
import { kinds } from './kinds.ts'
import type { Picked, Verdict } from './upload.ts'

const rows = (number: number): string => `${count(number)} ${number === 1 ? 'row' : 'rows'}`

type Checked = {
  picked: Picked
  verdict: Verdict
  busy: boolean
  error: unknown
  onStore: (partial: boolean) => void
  onBack: () => void
}

/** What a check found, and the way on. */
export function Checked({ picked, verdict, busy, error, onStore, onBack }: Checked) {
  const { accepted, rejected, errors } = verdict
  const flawed = rejected > 0
  return (
    <section className="card stack" aria-labelledby="checked">
      <h2 id="checked">{flawed ? `${rows(rejected)} cannot be imported` : 'The file is right'}</h2>
      <p className="break">
        {kinds[picked.kind].title} from <strong>{picked.name}</strong>
        {accepted === undefined ? '.' : `: ${rows(accepted)} can be imported.`} Nothing has been stored yet.
      </p>
      {flawed ? <RowErrors errors={errors} rejected={rejected} /> : null}
      {error ? <ErrorNotice error={error} /> : null}
      <div className="row">
        {flawed ? (
          <>
            <button type="button" className="button button-primary" onClick={onBack}>
              Choose a corrected file
            </button>
            {accepted === 0 ? null : (
              <button type="button" className="button" disabled={busy} onClick={() => onStore(true)}>
                {busy
                  ? 'Importing…'
                  : `Import ${accepted === undefined ? 'all other rows' : `the other ${rows(accepted)}`}`}
              </button>
            )}
          </>
        ) : (
          <>
            <button
              type="button"
              className="button button-primary"
              disabled={busy}
              onClick={() => onStore(false)}
            >
              {busy ? 'Importing…' : accepted === undefined ? 'Import' : `Import ${rows(accepted)}`}
            </button>
            <button type="button" className="button" onClick={onBack}>
              Choose another file
            </button>
          </>
        )}
      </div>
    </section>
  )
}

export function Stored({
  picked,
  verdict,
  onNext,
}: Pick<Checked, 'picked' | 'verdict'> & { onNext: () => void }) {
  const { accepted = 0, rejected, errors } = verdict
  return (
    <section className="card stack" aria-labelledby="stored">
      <h2 id="stored">{rows(accepted)} imported</h2>
      <p className="break">
        {kinds[picked.kind].title} from <strong>{picked.name}</strong>
        {rejected > 0 ? `; ${rows(rejected)} left out.` : '.'} Reports and prices use it from now on.
      </p>
      {errors.length > 0 ? <RowErrors errors={errors} rejected={rejected} /> : null}
      <div>
        <button type="button" className="button" onClick={onNext}>
          Import another file
        </button>
      </div>
    </section>
  )
}

function RowErrors({ errors, rejected }: { errors: RowError[]; rejected: number }) {
  return (
    <>
      <FigureTable
        caption="What is wrong"
        rows={errors.map((error, index) => ({ ...error, index }))}
        rowKey={({ index }) => index}
        columns={[
          { title: 'Row', cell: ({ row }) => count(row), text: true },
          { title: 'Column', cell: ({ column }) => column ?? '–', text: true },
          { title: 'What is wrong', cell: ({ message }) => message, text: true },
        ]}
      />
      {new Set(errors.map(({ row }) => row)).size < rejected ? (
        <p className="small">These are the first; there are more.</p>
      ) : null}
    </>
  )
}
