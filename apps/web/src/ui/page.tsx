import { type ReactNode, useEffect, useRef } from 'react'
import { useLocation, useNavigationType } from 'react-router'

type Heading = { title: string; children?: ReactNode; lead?: ReactNode }

/** The key of the page that the browser itself opened: it announces that one, all others are for us to announce. */
let opened: string | undefined

/**
 * The title of a page, in the tab and on the page. On navigation the focus moves to it, so that people who do not
 * see the page change hear what it is, and the next Tab goes into the page.
 */
export function PageHeading({ title, children, lead }: Heading) {
  const heading = useRef<HTMLHeadingElement>(null)
  const { key } = useLocation()
  const how = useNavigationType()
  const arrival = useRef({ key, how })

  useEffect(() => {
    document.title = `${title} · ecomweb`
  }, [title])

  useEffect(() => {
    opened ??= arrival.current.key
    if (opened === arrival.current.key) return
    // Going back, the browser puts the page where it was.
    if (arrival.current.how !== 'POP') scrollTo(0, 0)
    heading.current?.focus({ preventScroll: true })
  }, [])

  return (
    <header className="page-heading">
      <div className="page-heading-row">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {children}
      </div>
      {lead ? <p className="lead">{lead}</p> : null}
    </header>
  )
}
