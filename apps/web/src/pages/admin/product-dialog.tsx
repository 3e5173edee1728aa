import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { saveProduct, uploadImage } from '../../api/admin.ts'
import { categoriesQuery } from '../../api/catalogue.ts'
import { ApiError } from '../../api/problem.ts'
import type { Product } from '../../api/types.ts'
import { CURRENCY, plainMoney } from '../../format/money.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { ErrorNotice } from '../../ui/notice.tsx'
import { ProductImage } from '../../ui/product-image.tsx'
import { SaveButtons } from '../../ui/save-buttons.tsx'
import { type ProductForm, readProduct } from './product-form.ts'

type ProductDialog = { product: Product | undefined; onChanged: () => Promise<unknown>; onClose: () => void }

/** Creates a product or changes one. The picture goes up after the rest, since it belongs to a product's id. */
export function ProductDialog({ product, onChanged, onClose }: ProductDialog) {
  const [form, setForm] = useState<ProductForm>({
    name: product?.name ?? '',
    description: product?.description ?? '',
    price: product ? plainMoney(product.price_cents) : '',
    stock: String(product?.stock ?? ''),
    category: product?.category ?? '',
  })
  const [picture, setPicture] = useState<File>()
  const [saved, setSaved] = useState(product)
  const [tried, setTried] = useState(false)
  const { input, errors } = readProduct(form)

  const saving = useMutation({
    async mutationFn(body: NonNullable<typeof input>) {
      // Saved, but the picture failed: the next attempt changes the product instead of making a second one.
      const answer = await saveProduct(body, saved?.id)
      setSaved(answer)
      if (picture) await uploadImage(answer.id, picture)
      await onChanged()
    },
    onSuccess: onClose,
    onError: () => void onChanged(),
  })
  const told = saving.error instanceof ApiError ? saving.error.fields : []
  const text = (name: keyof ProductForm) => ({
    name,
    value: form[name],
    error: (tried ? errors[name] : undefined) ?? told.find(({ path }) => path.startsWith(name))?.message,
    onChange: ({ target }: { target: { value: string } }) => setForm({ ...form, [name]: target.value }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (input) saving.mutate(input)
  }

  return (
    <Dialog title={product ? `Edit ${product.name}` : 'New product'} onClose={onClose}>
      <form className="form" onSubmit={submit} noValidate>
        <Field label="Name" required maxLength={200} {...text('name')} />
        <Description {...text('description')} />
        <div className="columns">
          <Field label={`Price in ${CURRENCY}`} inputMode="decimal" required {...text('price')} />
          <Field label="In stock" inputMode="numeric" required {...text('stock')} />
        </div>
        <Category {...text('category')} />
        <Picture src={saved?.image_url ?? null} onPick={setPicture} />
        {saving.error ? <ErrorNotice error={saving.error} /> : null}
        <SaveButtons saving={saving.isPending} onCancel={onClose} />
      </form>
    </Dialog>
  )
}

type Text = {
  value: string
  error: string | undefined
  onChange: (event: { target: { value: string } }) => void
}

function Description({ value, error, onChange }: Text) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>Description</label>
      <textarea
        id={id}
        rows={3}
        maxLength={5_000}
        value={value}
        onChange={onChange}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-error` : undefined}
      />
      {error ? (
        <p id={`${id}-error`} className="field-error">
          {error}
        </p>
      ) : null}
    </div>
  )
}

/** Offers the categories that exist, and takes a new one. */
function Category(text: Text) {
  const { data } = useQuery(categoriesQuery())
  const id = useId()
  return (
    <>
      <Field label="Category" list={id} maxLength={60} {...text} />
      <datalist id={id}>
        {data?.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  )
}

function Picture({ src, onPick }: { src: string | null; onPick: (file: File | undefined) => void }) {
  return (
    <div className="row">
      <ProductImage src={src} className="picture-small" />
      <Field
        label="Picture"
        type="file"
        accept="image/png,image/jpeg,image/webp"
        onChange={({ target }) => onPick(target.files?.[0])}
        hint="PNG, JPEG or WebP; square looks best."
      />
    </div>
  )
}
