import { type FormEvent, useState } from 'react'
import { useSearchParams } from 'react-router'
import { dayRange } from '../../../format/days.ts'
import { chosenRange, presets, rangeError, today, withRange } from './range.ts'

/** Which days the reports are about; the choice is part of the address. */
export function RangePicker() {
  const [params, setParams] = useSearchParams()
  const { range, preset } = chosenRange(params, new Date())
  return (
    <div className="range">
      <fieldset className="segments">
        <legend className="visually-hidden">Period</legend>
        {presets.map(([name, text]) => (
          <button
            key={name}
            type="button"
            aria-pressed={preset === name}
            onClick={() => setParams(withRange(params, name))}
          >
            {text}
          </button>
        ))}
      </fieldset>
      <Days
        key={`${range.from} ${range.to}`}
        from={range.from}
        to={range.to}
        onPick={(days) => setParams(withRange(params, days))}
      />
      <p className="small range-words">{dayRange(range)}, days in UTC</p>
    </div>
  )
}

type Days = { from: string; to: string; onPick: (days: { from: string; to: string }) => void }

function Days({ onPick, ...start }: Days) {
  const [days, setDays] = useState(start)
  const [error, setError] = useState<string>()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const problem = rangeError(days.from, days.to)
    setError(problem)
    if (!problem) onPick(days)
  }
  const day = (name: 'from' | 'to', label: string) => (
    <label>
      <span className="small">{label}</span>
      <input
        type="date"
        max={today(new Date())}
        value={days[name]}
        aria-invalid={error ? true : undefined}
        onChange={({ target }) => setDays({ ...days, [name]: target.value })}
      />
    </label>
  )
  return (
    <form className="days" onSubmit={submit} noValidate>
      {day('from', 'From')}
      {day('to', 'To')}
      <button type="submit" className="button">
        Show
      </button>
      {error ? (
        <p className="field-error" role="alert">
          {error}
        </p>
      ) : null}
    </form>
  )
}
