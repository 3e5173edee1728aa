import { Link, NavLink } from 'react-router'
import { useUser } from '../api/use-session.ts'
import { countItems } from '../cart/cart.ts'
import { useCart } from '../cart/use-cart.ts'
import { useTheme } from '../theme/use-theme.ts'
import { BagIcon, MoonIcon, SunIcon } from '../ui/icons.tsx'

export function Header() {
  const user = useUser()
  return (
    <header className="header">
      <div className="header-inner">
        <Link className="brand" to="/">
          ecomweb
        </Link>
        <nav className="header-nav" aria-label="Main">
          <NavLink to="/products">Products</NavLink>
          <NavLink to="/orders">Orders</NavLink>
          {user?.role === 'admin' ? <NavLink to="/admin">Admin</NavLink> : null}
        </nav>
        <div className="header-tools">
          <ThemeButton />
          <Link className="account-link" to="/sign-in">
            {user ? <AccountName email={user.email} /> : 'Sign in'}
          </Link>
          <CartLink />
        </div>
      </div>
    </header>
  )
}

/** The address where there is room for it. */
function AccountName({ email }: { email: string }) {
  return (
    <>
      <span className="account-name">{email}</span>
      <span className="account-short">Account</span>
    </>
  )
}

function ThemeButton() {
  const { theme, toggle } = useTheme()
  const dark = theme === 'dark'
  return (
    <button
      type="button"
      className="icon-button"
      onClick={toggle}
      aria-label={dark ? 'Change to the light theme' : 'Change to the dark theme'}
    >
      {dark ? <SunIcon /> : <MoonIcon />}
    </button>
  )
}

function CartLink() {
  const count = countItems(useCart())
  return (
    <Link
      className="icon-button cart-link"
      to="/cart"
      aria-label={`Cart, ${count === 1 ? '1 item' : `${count} items`}`}
    >
      <BagIcon />
      {count > 0 ? <span className="cart-count">{count > 99 ? '99+' : count}</span> : null}
    </Link>
  )
}
