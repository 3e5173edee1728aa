import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useSearchParams } from 'react-router'
import { type ImportKind, importKinds, importRows } from '../../../api/imports.ts'
import { ErrorNotice } from '../../../ui/notice.tsx'
import { PageHeading } from '../../../ui/page.tsx'
import { ChooseFile } from './choose-file.tsx'
import { PastImports } from './past-imports.tsx'
import { judged, type Picked, type Upload } from './upload.ts'
import { Checked, Stored } from './verdict.tsx'

const isKind = (name: string | null): name is ImportKind => importKinds.some((kind) => kind === name)

/** Figures from elsewhere: a file is checked without storing anything, its flaws are shown, then it is stored. */
export function ImportsPage() {
  const [params] = useSearchParams()
  const asked = params.get('kind')
  const [upload, setUpload] = useState<Upload>({ step: 'choose' })
  const queries = useQueryClient()
  const outcome = useRef<HTMLDivElement>(null)
  // Those who do not see that the page has changed are taken to what it says now.
  useEffect(() => {
    if (upload.step !== 'choose') outcome.current?.focus()
  }, [upload.step])
  const start = () => {
    check.reset()
    store.reset()
    setUpload({ step: 'choose' })
  }

  const check = useMutation({
    mutationFn: async (picked: Picked) => ({
      picked,
      verdict: await judged(true, () =>
        importRows(picked.kind, picked.content, { dryRun: true, partial: true }),
      ),
    }),
    onSuccess: (checked) => setUpload({ step: 'checked', ...checked }),
  })
  const store = useMutation({
    mutationFn: async ({ picked, partial }: { picked: Picked; partial: boolean }) => ({
      picked,
      verdict: await judged(partial, () => importRows(picked.kind, picked.content, { partial })),
    }),
    onSuccess({ picked, verdict }) {
      // Right a moment ago and refused now: a product was archived in between, say.
      setUpload({ step: verdict.refused ? 'checked' : 'stored', picked, verdict })
      if (!verdict.refused)
        for (const name of ['imports', 'reports', 'pricing']) {
          void queries.invalidateQueries({ queryKey: [name] })
        }
    },
  })

  return (
    <>
      <PageHeading
        title="Imports"
        lead="What was spent on advertising, what products cost, and what others ask for them."
      />
      <div className="report">
        {upload.step === 'choose' ? (
          <ChooseFile
            start={isKind(asked) ? asked : 'ad-spend'}
            busy={check.isPending}
            onPick={(picked) => check.mutate(picked)}
          />
        ) : null}
        {check.error ? <ErrorNotice error={check.error} /> : null}
        <div ref={outcome} tabIndex={-1} className="outcome">
          {upload.step === 'checked' ? (
            <Checked
              {...upload}
              busy={store.isPending}
              error={store.error}
              onStore={(partial) => store.mutate({ picked: upload.picked, partial })}
              onBack={start}
            />
          ) : null}
          {upload.step === 'stored' ? <Stored {...upload} onNext={start} /> : null}
        </div>
        <PastImports />
      </div>
    </>
  )
}
