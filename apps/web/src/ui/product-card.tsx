import { Link } from 'react-router'
import type { Product } from '../api/types.ts'
import { money } from '../format/money.ts'
import { ProductImage } from './product-image.tsx'
import { StockBadge } from './stock.tsx'

/** `eager`: the picture is seen at once, so it does not wait. */
export function ProductCard({ product, eager = false }: { product: Product; eager?: boolean }) {
  return (
    <li className="card product-card">
      <ProductImage src={product.image_url} eager={eager} />
      <div className="product-card-text">
        <h3>
          <Link to={`/products/${product.id}`}>{product.name}</Link>
        </h3>
        <p className="price">{money(product.price_cents)}</p>
        <StockBadge stock={product.stock} />
      </div>
    </li>
  )
}

/** So many pictures stand above the fold of a desktop. */
const EAGER = 4

export function ProductGrid({ products }: { products: Product[] }) {
  return (
    <ul className="grid">
      {products.map((product, index) => (
        <ProductCard key={product.id} product={product} eager={index < EAGER} />
      ))}
    </ul>
  )
}
