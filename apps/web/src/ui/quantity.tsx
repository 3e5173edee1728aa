import { useEffect, useState } from 'react'
import { clampQuantity } from '../cart/cart.ts'

type Quantity = { value: number; most: number; label: string; onChange: (quantity: number) => void }

/** A number between 1 and `most`, typed or stepped. While it is typed it may be empty. */
export function Quantity({ value, most, label, onChange }: Quantity) {
  const [text, setText] = useState(String(value))
  useEffect(() => setText(String(value)), [value])
  const set = (quantity: number) => {
    const next = clampQuantity(quantity, Math.max(1, most))
    setText(String(next))
    if (next !== value) onChange(next)
  }
  return (
    <fieldset className="quantity">
      <legend className="visually-hidden">{label}</legend>
      <button type="button" onClick={() => set(value - 1)} disabled={value <= 1} aria-label="One less">
        −
      </button>
      <input
        type="text"
        inputMode="numeric"
        autoComplete="off"
        aria-label={label}
        value={text}
        onChange={({ target }) => setText(target.value.replaceAll(/\D/g, ''))}
        onBlur={() => set(Number(text || value))}
        onKeyDown={({ key }) => {
          if (key === 'Enter') set(Number(text || value))
          if (key === 'ArrowUp') set(value + 1)
          if (key === 'ArrowDown') set(value - 1)
        }}
      />
      <button type="button" onClick={() => set(value + 1)} disabled={value >= most} aria-label="One more">
        +
      </button>
    </fieldset>
  )
}
