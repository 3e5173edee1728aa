import type { FormEvent } from 'react'
import { useSearchParams } from 'react-router'

type Filter = { name: string; label: string }

/** Reads and writes one word of the address; another filter starts at page one. */
export function useFilter(name: string): [string, (value: string) => void] {
  const [params, setParams] = useSearchParams()
  const set = (value: string) => {
    const next = new URLSearchParams(params)
    next.delete('page')
    if (value) next.set(name, value)
    else next.delete(name)
    setParams(next, { replace: true })
  }
  return [params.get(name) ?? '', set]
}

export function SearchFilter({ name, label }: Filter) {
  const [value, set] = useFilter(name)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    set(String(new FormData(event.currentTarget).get(name) ?? '').trim())
  }
  return (
    <search>
      <form className="row" onSubmit={submit}>
        <input
          key={value}
          type="search"
          name={name}
          defaultValue={value}
          aria-label={label}
          placeholder={label}
        />
        <button type="submit" className="button">
          Search
        </button>
      </form>
    </search>
  )
}

export function SelectFilter({ name, label, options }: Filter & { options: readonly [string, string][] }) {
  const [value, set] = useFilter(name)
  return (
    <select aria-label={label} value={value} onChange={({ target }) => set(target.value)}>
      {options.map(([option, text]) => (
        <option key={option} value={option}>
          {text}
        </option>
      ))}
    </select>
  )
}
