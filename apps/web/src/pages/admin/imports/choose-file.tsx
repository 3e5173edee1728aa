import { type FormEvent, useState } from 'react'
import { type ImportKind, importKinds } from '../../../api/imports.ts'
import { Field } from '../../../ui/field.tsx'
import { saveFile } from '../download.ts'
import { kinds } from './kinds.ts'
import { fileProblem, type Picked } from './upload.ts'

type ChooseFile = { start: ImportKind; busy: boolean; onPick: (picked: Picked) => void }

/** What is imported, and from which file. */
export function ChooseFile({ start, busy, onPick }: ChooseFile) {
  const [kind, setKind] = useState<ImportKind>(start)
  const [file, setFile] = useState<File>()
  const [error, setError] = useState<string>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const problem = file ? fileProblem(file) : 'Choose a file first.'
    setError(problem)
    if (!file || problem) return
    // Read now: a file that is changed on the disk afterwards is not the one that was checked.
    const content = await file.arrayBuffer().catch(() => undefined)
    if (!content) return setError('The file cannot be read: choose it again.')
    onPick({ name: file.name, kind, content: new Blob([content], { type: 'text/csv' }) })
  }
  return (
    <form className="card form" onSubmit={(event) => void submit(event)} noValidate>
      <fieldset className="kinds">
        <legend>What is in the file?</legend>
        {importKinds.map((name) => (
          <label key={name} className="kind">
            <input type="radio" name="kind" checked={kind === name} onChange={() => setKind(name)} />
            <span>
              <strong>{kinds[name].title}</strong>
              <span className="small">{kinds[name].about}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <Field
        label="File"
        type="file"
        accept=".csv,text/csv"
        onChange={({ target }) => {
          setFile(target.files?.[0])
          setError(undefined)
        }}
        hint="CSV with a header line, at most 10 MB. A line for what is known already replaces it."
        error={error}
      />
      <div className="row">
        <button type="submit" className="button button-primary" disabled={busy}>
          {busy ? 'Checking…' : 'Check the file'}
        </button>
        <button
          type="button"
          className="button"
          onClick={() => saveFile(new Blob([kinds[kind].sample], { type: 'text/csv' }), `${kind}.csv`)}
        >
          Download a sample
        </button>
      </div>
      <p className="small">Checking stores nothing.</p>
    </form>
  )
}
