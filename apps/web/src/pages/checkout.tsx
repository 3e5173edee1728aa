import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Link, Navigate, useNavigate } from 'react-router'
import { ApiError } from '../api/problem.ts'
import { api, local, passing } from '../api/shop.ts'
import { useSession } from '../api/use-session.ts'
import { totalOf } from '../cart/cart.ts'
import { cart } from '../cart/use-cart.ts'
import { useCartLines } from '../cart/use-lines.ts'
import { placeOrder, randomKey } from '../checkout/attempt.ts'
import { rememberedChannel } from '../checkout/channel.ts'
import { rememberGuestOrder } from '../checkout/guest-orders.ts'
import { money } from '../format/money.ts'
import { Field } from '../ui/field.tsx'
import { ErrorNotice } from '../ui/notice.tsx'
import { PageHeading } from '../ui/page.tsx'
import { PageSkeleton } from '../ui/skeleton.tsx'

export function CheckoutPage() {
  const session = useSession()
  const lines = useCartLines()
  const order = useOrder()
  const [email, setEmail] = useState('')
  const user = session.phase === 'user' ? session.user : undefined

  if (session.phase === 'restoring') return <PageSkeleton />
  if (lines.length === 0 && order.isIdle) return <Navigate to="/cart" replace />

  const submit = (event: FormEvent) => {
    event.preventDefault()
    const items = lines.map(({ id, quantity }) => ({ product_id: id, quantity }))
    const channel = rememberedChannel(passing)
    const request = { email: user?.email ?? email.trim(), items, ...(channel ? { channel } : {}) }
    order.mutate({ request, guest: !user })
  }
  return (
    <div className="narrow">
      <PageHeading title="Check out" />
      <form className="stack" onSubmit={submit}>
        <section className="card" aria-labelledby="what">
          <h2 id="what">What you order</h2>
          <ul className="receipt">
            {lines.map(({ id, name, quantity, price_cents }) => (
              <li key={id}>
                <span>
                  {quantity} × {name}
                </span>
                <span className="price">{money(price_cents * quantity)}</span>
              </li>
            ))}
          </ul>
          <p className="summary-total">
            <span>Total</span> <strong>{money(totalOf(lines))}</strong>
          </p>
          <Link to="/cart">Change the cart</Link>
        </section>

        <section className="card form" aria-labelledby="who">
          <h2 id="who">Who you are</h2>
          {user ? (
            <p>
              Signed in as <strong className="break">{user.email}</strong>; the confirmation goes there.
            </p>
          ) : (
            <>
              <Field
                label="E-mail"
                type="email"
                name="email"
                autoComplete="email"
                required
                maxLength={254}
                value={email}
                onChange={({ target }) => setEmail(target.value)}
                hint="For the confirmation. No account is made."
                error={fieldError(order.error)}
              />
              <p className="small">
                <Link to="/sign-in?next=/checkout">Sign in instead</Link> to find the order in your account.
              </p>
            </>
          )}
        </section>

        {order.error && !fieldError(order.error) ? (
          <ErrorNotice error={order.error}>
            {isConflict(order.error) ? (
              <Link className="button" to="/cart">
                Back to the cart
              </Link>
            ) : (
              <p className="small">Ordering again is safe: you get one order, however often you try.</p>
            )}
          </ErrorNotice>
        ) : null}
        <button type="submit" className="button button-primary button-large" disabled={order.isPending}>
          {order.isPending ? 'Placing the order…' : `Order for ${money(totalOf(lines))}`}
        </button>
      </form>
    </div>
  )
}

/** Places the order, empties the cart and goes to the order's page. */
function useOrder() {
  const navigate = useNavigate()
  const queries = useQueryClient()
  type Wish = { request: Parameters<typeof placeOrder>[0]; guest: boolean }
  return useMutation({
    mutationFn: ({ request }: Wish) => placeOrder(request, { api, store: local, newKey: randomKey }),
    onSuccess({ order, key, earlier }, { guest }) {
      if (guest) rememberGuestOrder(local, { id: order.id, key, placed: order.created_at })
      queries.setQueryData(['order', order.id], order)
      void queries.invalidateQueries({ queryKey: ['orders'] })
      // The cart was changed after the order that turned out to have arrived: it stays for another one.
      if (!earlier) cart.change(() => [])
      void navigate(`/orders/${order.id}`, { replace: true, state: { placed: earlier ? 'earlier' : 'now' } })
    },
    onError: () => void queries.invalidateQueries({ queryKey: ['product'] }),
  })
}

const isConflict = (error: unknown): boolean =>
  error instanceof ApiError && (error.status === 409 || error.status === 404)

const fieldError = (error: unknown): string | undefined =>
  error instanceof ApiError ? error.fields.find(({ path }) => path === 'email')?.message : undefined
