import { NavLink, Route, Routes } from 'react-router'
import '../../../styles/reports.css'
import '../../../styles/admin-forms.css'
import '../../../styles/charts.css'
import { NotFoundPage } from '../../not-found.tsx'
import { PreviewPage } from './preview.tsx'
import { RulesPage } from './rules.tsx'
import { RunPage } from './run.tsx'
import { RunsPage } from './runs.tsx'

/** Everything below /admin/pricing. */
export default function PricingPages() {
  return (
    <>
      <nav className="pills" aria-label="Pricing">
        <NavLink to="/admin/pricing" end>
          Rules
        </NavLink>
        <NavLink to="/admin/pricing/preview">Preview</NavLink>
        <NavLink to="/admin/pricing/runs">Past runs</NavLink>
      </nav>
      <Routes>
        <Route index element={<RulesPage />} />
        <Route path="preview" element={<PreviewPage />} />
        <Route path="runs" element={<RunsPage />} />
        <Route path="runs/:id" element={<RunPage />} />
        <Route path="*" element={<NotFoundPage />} />
      </Routes>
    </>
  )
}
