import { Outlet, useLocation } from 'react-router'
import { ErrorBoundary } from './error-boundary.tsx'
import { Header } from './header.tsx'
import { Notices } from './notices.tsx'

/** What surrounds every page. */
export function Layout() {
  const { pathname } = useLocation()
  return (
    <>
      <a className="skip-link" href="#content">
        Skip to the content
      </a>
      <Header />
      <main id="content" tabIndex={-1}>
        <ErrorBoundary key={pathname}>
          <Outlet />
        </ErrorBoundary>
      </main>
      <footer className="footer">
        <p>
          ecomweb is a reference shop: nothing is charged and nothing is sent. <a href="/docs/">The API</a>
        </p>
      </footer>
      <Notices />
    </>
  )
}
