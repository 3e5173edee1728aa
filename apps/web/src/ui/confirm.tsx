import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Dialog } from './dialog.tsx'
import { ErrorNotice } from './notice.tsx'

type Confirm = {
  title: string
  children: ReactNode
  /** What the button says: the deed itself, not "OK". */
  action: string
  run: () => Promise<unknown>
  onClose: () => void
}

/** Asks before something that cannot be taken back, does it, and stays open with the reason if it failed. */
export function Confirm({ title, children, action, run, onClose }: Confirm) {
  const deed = useMutation({ mutationFn: run, onSuccess: onClose })
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="stack">
        {children}
        {deed.error ? <ErrorNotice error={deed.error} /> : null}
        <div className="row row-end">
          <button type="button" className="button" onClick={onClose}>
            Keep as it is
          </button>
          <button
            type="button"
            className="button button-danger"
            onClick={() => deed.mutate()}
            disabled={deed.isPending}
          >
            {deed.isPending ? 'One moment…' : action}
          </button>
        </div>
      </div>
    </Dialog>
  )
}
