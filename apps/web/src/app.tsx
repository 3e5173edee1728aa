import { lazy, Suspense } from 'react'
import { Route, Routes } from 'react-router'
import { CartPage } from './pages/cart.tsx'
import { CheckoutPage } from './pages/checkout.tsx'
import { HomePage } from './pages/home.tsx'
import { NotFoundPage } from './pages/not-found.tsx'
import { OrderPage } from './pages/order.tsx'
import { OrdersPage } from './pages/orders.tsx'
import { ProductPage } from './pages/product.tsx'
import { ProductsPage } from './pages/products.tsx'
import { SignInPage } from './pages/sign-in.tsx'
import { Layout } from './shell/layout.tsx'
import { PageSkeleton } from './ui/skeleton.tsx'

// Most visitors never see these.
const AdminPages = lazy(() => import('./pages/admin/admin.tsx'))

export function App() {
  return (
    <Routes>
      <Route element={<Layout />}>
        <Route index element={<HomePage />} />
        <Route path="products" element={<ProductsPage />} />
        <Route path="products/:id" element={<ProductPage />} />
        <Route path="cart" element={<CartPage />} />
        <Route path="checkout" element={<CheckoutPage />} />
        <Route path="orders" element={<OrdersPage />} />
        <Route path="orders/:id" element={<OrderPage />} />
        <Route path="sign-in" element={<SignInPage />} />
        <Route
          path="admin/*"
          element={
            <Suspense fallback={<PageSkeleton />}>
              <AdminPages />
            </Suspense>
          }
        />
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  )
}
