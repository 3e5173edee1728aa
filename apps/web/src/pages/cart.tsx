import { Link } from 'react-router'
import { MOST_OF_ONE, removeFromCart, setQuantity, totalOf } from '../cart/cart.ts'
import type { CheckedLine } from '../cart/check-line.ts'
import { cart } from '../cart/use-cart.ts'
import { useCartLines } from '../cart/use-lines.ts'
import { money } from '../format/money.ts'
import { Empty } from '../ui/notice.tsx'
import { PageHeading } from '../ui/page.tsx'
import { ProductImage } from '../ui/product-image.tsx'
import { Quantity } from '../ui/quantity.tsx'

export function CartPage() {
  const lines = useCartLines()
  const blocked = lines.some(({ problem }) => problem)
  return (
    <>
      <PageHeading title="Your cart" />
      {lines.length === 0 ? (
        <Empty title="Nothing in it yet">
          <Link className="button button-primary" to="/products">
            Browse the shop
          </Link>
        </Empty>
      ) : (
        <div className="with-aside">
          <ul className="lines">
            {lines.map((line) => (
              <Line key={line.id} line={line} />
            ))}
          </ul>
          <aside className="card summary" aria-label="Summary">
            <p className="summary-total" role="status">
              <span>Total</span> <strong>{money(totalOf(lines))}</strong>
            </p>
            <p className="small">Prices include tax; shipping is on us.</p>
            {blocked ? (
              <p className="field-error">Some of this cannot be ordered as it is: see the lines.</p>
            ) : (
              <Link className="button button-primary button-large" to="/checkout">
                Check out
              </Link>
            )}
          </aside>
        </div>
      )}
    </>
  )
}

function Line({ line }: { line: CheckedLine }) {
  return (
    <li className="line">
      <ProductImage src={line.image_url} className="picture-small" />
      <div className="line-text">
        <Link to={`/products/${line.id}`}>{line.name}</Link>
        <span className="small">{money(line.price_cents)} each</span>
        {line.problem ? (
          <span className="field-error" role="status">
            {line.problem}
          </span>
        ) : null}
      </div>
      <div className="line-tools">
        <Quantity
          label={`Quantity of ${line.name}`}
          value={line.quantity}
          most={Math.max(1, line.stock ?? MOST_OF_ONE)}
          onChange={(quantity) => cart.change((lines) => setQuantity(lines, line.id, quantity))}
        />
        <span className="price">{money(line.price_cents * line.quantity)}</span>
        <button
          type="button"
          className="link-button"
          onClick={() => cart.change((lines) => removeFromCart(lines, line.id))}
          aria-label={`Remove ${line.name}`}
        >
          Remove
        </button>
      </div>
    </li>
  )
}
