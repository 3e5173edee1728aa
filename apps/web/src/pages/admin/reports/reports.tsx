import { NavLink, Route, Routes, useSearchParams } from 'react-router'
import type { ReportName } from '../../../api/reports.ts'
import '../../../styles/charts.css'
import '../../../styles/reports.css'
import '../../../styles/admin-forms.css'
import { PageHeading } from '../../../ui/page.tsx'
import { NotFoundPage } from '../../not-found.tsx'
import { ImportsPage } from '../imports/imports.tsx'
import { AdvertisingReport } from './advertising.tsx'
import { CustomersReport } from './customers.tsx'
import { MarginReport } from './margin.tsx'
import { ProductsReport } from './products.tsx'
import { chosenRange } from './range.ts'
import { RangePicker } from './range-picker.tsx'
import { SalesReport } from './sales.tsx'

const names: Record<ReportName, string> = {
  sales: 'Sales',
  products: 'Products',
  customers: 'Customers',
  margin: 'Margin',
  advertising: 'Advertising',
}
const bodies = {
  sales: SalesReport,
  products: ProductsReport,
  customers: CustomersReport,
  margin: MarginReport,
  advertising: AdvertisingReport,
}
const all = Object.keys(names) as ReportName[]
const addressOf = (name: ReportName) => (name === 'sales' ? '/admin/reports' : `/admin/reports/${name}`)

/** Everything below /admin/reports. */
export default function ReportPages() {
  return (
    <>
      <Contents />
      <Routes>
        <Route index element={<ReportPage name="sales" />} />
        {all.slice(1).map((name) => (
          <Route key={name} path={name} element={<ReportPage key={name} name={name} />} />
        ))}
        <Route path="imports" element={<ImportsPage />} />
        <Route path="*" element={<NotFoundPage />} />
      </Routes>
    </>
  )
}

/** From one report to another, about the same days. */
function Contents() {
  const [params] = useSearchParams()
  const kept = new URLSearchParams([...params].filter(([name]) => ['from', 'to', 'range'].includes(name)))
  const search = kept.toString()
  return (
    <nav className="pills" aria-label="Reports">
      {all.map((name) => (
        <NavLink key={name} to={{ pathname: addressOf(name), search }} end>
          {names[name]}
        </NavLink>
      ))}
      <NavLink to={{ pathname: '/admin/reports/imports', search }}>Imports</NavLink>
    </nav>
  )
}

function ReportPage({ name }: { name: ReportName }) {
  const [params] = useSearchParams()
  const { range } = chosenRange(params, new Date())
  const Body = bodies[name]
  return (
    <>
      <PageHeading title={names[name]} />
      <RangePicker />
      <Body range={range} />
    </>
  )
}
