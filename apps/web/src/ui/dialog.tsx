import { type ReactNode, useId, useLayoutEffect, useRef } from 'react'
import { CrossIcon } from './icons.tsx'

type Dialog = { title: string; onClose: () => void; children: ReactNode }

/** A modal dialog: the browser holds the focus inside, closes it at Escape and gives the focus back. */
export function Dialog({ title, onClose, children }: Dialog) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  // Closed while it is still on the page: after that the browser no longer gives the focus back.
  useLayoutEffect(() => {
    const element = dialog.current
    element?.showModal()
    return () => element?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <div className="dialog-heading">
        <h2 id={id}>{title}</h2>
        <button type="button" className="icon-button" onClick={onClose} aria-label="Close">
          <CrossIcon />
        </button>
      </div>
      {children}
    </dialog>
  )
}
