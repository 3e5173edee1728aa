import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { archiveProduct } from '../../api/admin.ts'
import { productsQuery } from '../../api/catalogue.ts'
import type { Product } from '../../api/types.ts'
import { money } from '../../format/money.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { PageHeading } from '../../ui/page.tsx'
import { pageOf } from '../../ui/page-numbers.ts'
import { ProductImage } from '../../ui/product-image.tsx'
import { SearchFilter } from './filter.tsx'
import { ProductDialog } from './product-dialog.tsx'
import { ListTable } from './table.tsx'

type Open = { what: 'edit'; product: Product | undefined } | { what: 'archive'; product: Product }

export function AdminProductsPage() {
  const [params] = useSearchParams()
  const page = pageOf(params)
  const query = useQuery(productsQuery({ page, limit: 20, search: params.get('search') ?? '' }, true))
  const queries = useQueryClient()
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  const changed = () =>
    Promise.all(
      [['products'], ['product'], ['categories']].map((queryKey) => queries.invalidateQueries({ queryKey })),
    )

  return (
    <>
      <PageHeading key={page} title="Products">
        <button
          type="button"
          className="button button-primary"
          onClick={() => setOpen({ what: 'edit', product: undefined })}
        >
          New product
        </button>
      </PageHeading>
      <div className="toolbar">
        <SearchFilter name="search" label="Search products" />
      </div>
      <ListTable
        caption="Products"
        columns={['Product', 'Category', 'Price', 'Stock', 'Actions']}
        query={query}
        rows={({ products }) => products}
      >
        {(product) => (
          <tr key={product.id}>
            <td data-label="Product">
              <span className="cell-product">
                <ProductImage src={product.image_url} className="picture-tiny" />
                <Link to={`/products/${product.id}`}>{product.name}</Link>
              </span>
            </td>
            <td data-label="Category">{product.category ?? '–'}</td>
            <td data-label="Price" className="number">
              {money(product.price_cents)}
            </td>
            <td data-label="Stock" className="number">
              {product.stock}
            </td>
            <td data-label="Actions">
              <span className="row row-tight">
                <button
                  type="button"
                  className="link-button"
                  onClick={() => setOpen({ what: 'edit', product })}
                >
                  Edit<span className="visually-hidden"> {product.name}</span>
                </button>
                <button
                  type="button"
                  className="link-button"
                  onClick={() => setOpen({ what: 'archive', product })}
                >
                  Archive<span className="visually-hidden"> {product.name}</span>
                </button>
              </span>
            </td>
          </tr>
        )}
      </ListTable>
      {open?.what === 'edit' ? (
        <ProductDialog product={open.product} onChanged={changed} onClose={close} />
      ) : null}
      {open?.what === 'archive' ? (
        <Confirm
          title={`Archive “${open.product.name}”?`}
          action="Archive"
          run={() => archiveProduct(open.product.id).then(changed)}
          onClose={close}
        >
          <p>It is no longer shown or sold. Orders that name it keep it.</p>
        </Confirm>
      ) : null}
    </>
  )
}
