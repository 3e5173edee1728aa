import { Link } from 'react-router'
import { PageHeading } from '../ui/page.tsx'

export function NotFoundPage() {
  return (
    <div className="narrow">
      <PageHeading title="There is no such page" lead="The address may be old, or a letter went missing." />
      <Link className="button button-primary" to="/products">
        Browse the shop
      </Link>
    </div>
  )
}
