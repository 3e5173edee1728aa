import { lazy, Suspense } from 'react'
import { Link, NavLink, Route, Routes } from 'react-router'
import { useSession } from '../../api/use-session.ts'
import { Empty } from '../../ui/notice.tsx'
import { PageHeading } from '../../ui/page.tsx'
import { PageSkeleton } from '../../ui/skeleton.tsx'
import { NotFoundPage } from '../not-found.tsx'
import { AuditPage } from './audit.tsx'
import { AdminOrdersPage } from './orders.tsx'
import { AdminProductsPage } from './products.tsx'
import { UsersPage } from './users.tsx'

const ReportPages = lazy(() => import('./reports/reports.tsx'))
const PricingPages = lazy(() => import('./pricing/pricing.tsx'))

/** Everything below /admin; the API itself refuses whoever is no administrator. */
export default function AdminPages() {
  const session = useSession()
  if (session.phase === 'restoring') return <PageSkeleton />
  if (session.phase !== 'user' || session.user.role !== 'admin')
    return <Forbidden signedIn={session.phase === 'user'} />
  return (
    <>
      <nav className="tabs" aria-label="Administration">
        <NavLink to="/admin" end>
          Products
        </NavLink>
        <NavLink to="/admin/orders">Orders</NavLink>
        <NavLink to="/admin/users">Users</NavLink>
        <NavLink to="/admin/reports">Reports</NavLink>
        <NavLink to="/admin/pricing">Pricing</NavLink>
        <NavLink to="/admin/audit">Audit log</NavLink>
      </nav>
      <Suspense fallback={<PageSkeleton />}>
        <Routes>
          <Route index element={<AdminProductsPage />} />
          <Route path="orders" element={<AdminOrdersPage />} />
          <Route path="users" element={<UsersPage />} />
          <Route path="reports/*" element={<ReportPages />} />
          <Route path="pricing/*" element={<PricingPages />} />
          <Route path="audit" element={<AuditPage />} />
          <Route path="*" element={<NotFoundPage />} />
        </Routes>
      </Suspense>
    </>
  )
}

function Forbidden({ signedIn }: { signedIn: boolean }) {
  return (
    <>
      <PageHeading title="For administrators" />
      <Empty title={signedIn ? 'Your account may not see this' : 'Sign in first'}>
        <Link className="button button-primary" to={signedIn ? '/' : '/sign-in?next=/admin'}>
          {signedIn ? 'Back to the shop' : 'Sign in'}
        </Link>
      </Empty>
    </>
  )
}
