import { Link, useNavigate, useSearchParams } from 'react-router'
import { session } from '../api/shop.ts'
import { useSession } from '../api/use-session.ts'
import { safeNext } from '../checkout/next.ts'
import { PageHeading } from '../ui/page.tsx'
import { PageSkeleton } from '../ui/skeleton.tsx'
import { AccountForms } from './account-forms.tsx'

/** Signs in, then goes on to ?next; or shows who is signed in, with the way out. */
export function SignInPage() {
  const navigate = useNavigate()
  const [search] = useSearchParams()
  const state = useSession()
  if (state.phase === 'restoring') return <PageSkeleton />
  if (state.phase === 'user') {
    return (
      <div className="narrow">
        <PageHeading key="user" title="Your account" />
        <div className="card form">
          <p>
            Signed in as <strong className="break">{state.user.email}</strong>
            {state.user.role === 'admin' ? ', administrator' : ''}.
          </p>
          <div className="row">
            <Link className="button button-primary" to="/orders">
              My orders
            </Link>
            <button type="button" className="button" onClick={() => void session.logout()}>
              Sign out
            </button>
          </div>
        </div>
      </div>
    )
  }
  return (
    <div className="narrow">
      <PageHeading
        key="anonymous"
        title="Your account"
        lead="Sign in to see all your orders, or register in a moment."
      />
      <AccountForms onDone={() => void navigate(safeNext(search.get('next')), { replace: true })} />
    </div>
  )
}
