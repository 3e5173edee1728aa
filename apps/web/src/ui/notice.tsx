import type { ReactNode } from 'react'
import { explain } from '../api/problem.ts'

type ErrorNotice = { error: unknown; retry?: (() => void) | undefined; children?: ReactNode }

/** Says what went wrong and what can be done about it. */
export function ErrorNotice({ error, retry, children }: ErrorNotice) {
  const { message, hint, requestId } = explain(error)
  return (
    <div className="notice notice-bad" role="alert">
      <p>
        <strong>{message}</strong> {hint}
      </p>
      {requestId ? <p className="small">If you ask us about it, name the request {requestId}.</p> : null}
      {retry || children ? (
        <div className="row">
          {retry ? (
            <button type="button" className="button" onClick={retry}>
              Try again
            </button>
          ) : null}
          {children}
        </div>
      ) : null}
    </div>
  )
}

/** Where there is nothing to show: says so, and where to go instead. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children}
    </div>
  )
}
