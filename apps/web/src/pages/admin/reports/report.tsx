import { useMutation, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { type Range, type ReportName, type Reports, reportFile, reportQuery } from '../../../api/reports.ts'
import { Empty, ErrorNotice } from '../../../ui/notice.tsx'
import { saveFile } from '../download.ts'
import { rangeBefore } from './range.ts'

type Report<Name extends ReportName> = {
  name: Name
  range: Range
  isEmpty: (report: Reports[Name]) => boolean
  /** `before`: the report of the period before; undefined while, or because, it is not known. */
  children: (report: Reports[Name], before: Reports[Name] | undefined) => ReactNode
}

/** A report with its loading, empty and error states, beside that of as many days before. */
export function Report<Name extends ReportName>({ name, range, isEmpty, children }: Report<Name>) {
  const { data, error, isPending, refetch } = useQuery(reportQuery(name, range))
  const before = useQuery(reportQuery(name, rangeBefore(range)))
  if (isPending) return <ReportSkeleton />
  const notice = error ? (
    <ErrorNotice
      error={error}
      retry={() => {
        void refetch()
        if (before.error) void before.refetch()
      }}
    />
  ) : null
  if (!data) return notice
  return (
    <div className="report">
      {notice}
      {isEmpty(data) ? (
        <Empty title="Nothing happened in these days">
          <p>Choose other days above.</p>
        </Empty>
      ) : (
        <>
          {children(data, before.data)}
          <Download name={name} range={range} />
        </>
      )}
    </div>
  )
}

function Download({ name, range }: { name: ReportName; range: Range }) {
  const download = useMutation({
    mutationFn: () => reportFile(name, range),
    onSuccess: (content) => saveFile(content, `${name}-${range.from}-${range.to}.csv`),
  })
  return (
    <div className="stack">
      {download.error ? <ErrorNotice error={download.error} retry={() => download.mutate()} /> : null}
      <div>
        <button
          type="button"
          className="button"
          disabled={download.isPending}
          onClick={() => download.mutate()}
        >
          {download.isPending ? 'One moment…' : 'Download as CSV'}
        </button>
      </div>
    </div>
  )
}

function ReportSkeleton() {
  return (
    <div className="report" role="status" aria-label="Loading the report">
      <div className="tiles" aria-hidden="true">
        {['a', 'b', 'c', 'd'].map((key) => (
          <div key={key} className="skeleton skeleton-tile" />
        ))}
      </div>
      <div className="skeleton skeleton-chart" aria-hidden="true" />
      <div className="skeleton skeleton-chart" aria-hidden="true" />
    </div>
  )
}
