import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Link, useParams } from 'react-router'
import { productQuery } from '../api/catalogue.ts'
import { ApiError } from '../api/problem.ts'
import type { Product } from '../api/types.ts'
import { addToCart } from '../cart/cart.ts'
import { cart, useCart } from '../cart/use-cart.ts'
import { money } from '../format/money.ts'
import { useLive } from '../live/provider.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { PageHeading } from '../ui/page.tsx'
import { ProductImage } from '../ui/product-image.tsx'
import { Quantity } from '../ui/quantity.tsx'
import { PageSkeleton } from '../ui/skeleton.tsx'
import { StockBadge } from '../ui/stock.tsx'
import { NotFoundPage } from './not-found.tsx'

export function ProductPage() {
  const id = Number(useParams().id)
  const valid = Number.isInteger(id) && id > 0
  const { data, error, refetch } = useQuery({ ...productQuery(id), enabled: valid })
  if (!valid || (error instanceof ApiError && error.status === 404)) return <NotFoundPage />
  if (data) return <Details key={data.id} product={data} />
  return error ? <ErrorNotice error={error} retry={() => void refetch()} /> : <PageSkeleton />
}

function Details({ product }: { product: Product }) {
  const live = useLive()
  return (
    <article className="product">
      <ProductImage src={product.image_url} className="picture-large" eager />
      <div className="product-text">
        <nav className="breadcrumb" aria-label="Where you are">
          <Link to="/products">Products</Link>
          {product.category ? (
            <Link to={`/products?category=${encodeURIComponent(product.category)}`}>{product.category}</Link>
          ) : null}
        </nav>
        <PageHeading title={product.name} lead={product.description} />
        <p className="price price-large">{money(product.price_cents)}</p>
        <div className="stock-line" role="status">
          <StockBadge stock={product.stock} />
          {live === 'open' ? <span className="live">Live</span> : null}
        </div>
        <Buy product={product} />
      </div>
    </article>
  )
}

function Buy({ product }: { product: Product }) {
  const [quantity, setQuantity] = useState(1)
  const inCart = useCart().find(({ id }) => id === product.id)?.quantity ?? 0
  const left = Math.max(0, product.stock - inCart)

  // Somebody else may buy while this page is open.
  useEffect(() => setQuantity((wanted) => Math.max(1, Math.min(wanted, left))), [left])

  return (
    <div className="stack">
      <div className="row">
        <Quantity label="Quantity" value={quantity} most={Math.max(1, left)} onChange={setQuantity} />
        <button
          type="button"
          className="button button-primary button-large"
          disabled={left === 0}
          onClick={() => {
            cart.change((lines) => addToCart(lines, product, quantity))
          }}
        >
          {product.stock <= 0 ? 'Sold out' : left === 0 ? 'All in your cart' : 'Add to cart'}
        </button>
      </div>
      <p className="added" role="status">
        {inCart > 0 ? (
          <>
            {inCart} in your cart. <Link to="/cart">See the cart</Link>
          </>
        ) : null}
      </p>
    </div>
  )
}
