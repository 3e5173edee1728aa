import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { categoriesQuery, productsQuery } from '../api/catalogue.ts'
import { useSession } from '../api/use-session.ts'
import { ErrorNotice } from '../ui/notice.tsx'
import { PageHeading } from '../ui/page.tsx'
import { ProductGrid } from '../ui/product-card.tsx'
import { GridSkeleton } from '../ui/skeleton.tsx'
import { AccountForms } from './account-forms.tsx'
import { StillLife } from './still-life.tsx'

const SHOWN = 8

export function HomePage() {
  const products = useQuery(productsQuery({ limit: SHOWN }))
  return (
    <>
      <section className="hero">
        <div>
          <PageHeading
            title="Everyday things, made to last"
            lead="Bags that carry a week, pans that outlive their owners, paper that takes ink well. Few things, chosen slowly."
          />
          <div className="row">
            <Link className="button button-primary button-large" to="/products">
              Browse the shop
            </Link>
            <Link className="button button-large" to="/orders">
              Follow an order
            </Link>
          </div>
          <CategoryLinks />
        </div>
        <StillLife />
      </section>

      <section className="section" aria-labelledby="from-the-shelves">
        <div className="section-heading">
          <h2 id="from-the-shelves">From the shelves</h2>
          <Link to="/products">All products</Link>
        </div>
        {products.isPending ? <GridSkeleton count={SHOWN} /> : null}
        {products.error ? <ErrorNotice error={products.error} retry={() => void products.refetch()} /> : null}
        {products.data ? <ProductGrid products={products.data.products} /> : null}
      </section>

      <Account />
    </>
  )
}

function CategoryLinks() {
  const { data } = useQuery(categoriesQuery())
  return (
    <ul className="chips hero-chips" aria-label="Categories">
      {data?.map(({ name }) => (
        <li key={name}>
          <Link className="chip" to={`/products?category=${encodeURIComponent(name)}`}>
            {name}
          </Link>
        </li>
      ))}
    </ul>
  )
}

function Account() {
  const session = useSession()
  if (session.phase !== 'anonymous') return null
  return (
    <section className="section account" aria-labelledby="your-account">
      <div>
        <h2 id="your-account">Your account</h2>
        <p className="lead">
          You can order without one. With one, all your orders are in one place and their status changes
          before your eyes.
        </p>
      </div>
      <AccountForms />
    </section>
  )
}
