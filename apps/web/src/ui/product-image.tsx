import { useState } from 'react'
import { backend } from '../api/shop.ts'
import { PictureIcon } from './icons.tsx'

type ProductImage = { src: string | null; className?: string; eager?: boolean }

/** A product's picture, or a quiet stand-in. It repeats what stands beside it, so screen readers skip it. */
export function ProductImage({ src, className = '', eager = false }: ProductImage) {
  const [failed, setFailed] = useState<string>()
  const shown = src && src !== failed ? src : undefined
  return (
    <span className={`picture ${className}`}>
      {shown ? (
        <img
          // Uploaded pictures come from the API, the shop's own from where the page came from.
          src={shown.startsWith('/api/') ? backend.origin() + shown : shown}
          alt=""
          width="400"
          height="400"
          loading={eager ? 'eager' : 'lazy'}
          decoding="async"
          onError={() => setFailed(shown)}
        />
      ) : (
        <PictureIcon />
      )}
    </span>
  )
}
