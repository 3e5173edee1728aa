import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ApiError } from '../api/problem.ts'
import { session } from '../api/shop.ts'
import { Field } from '../ui/field.tsx'
import { ErrorNotice } from '../ui/notice.tsx'

type Mode = 'login' | 'register'
const words = {
  login: { title: 'Sign in', busy: 'Signing in…', other: 'No account yet?', change: 'Register' },
  register: { title: 'Register', busy: 'Registering…', other: 'An account already?', change: 'Sign in' },
}

/** Sign in or register. `onDone`: somebody is signed in. */
export function AccountForms({ onDone }: { onDone?: () => void }) {
  const [mode, setMode] = useState<Mode>('login')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const { title, busy, other, change } = words[mode]
  const entry = useMutation({
    mutationFn: () => session[mode](email.trim(), password),
    onSuccess: () => onDone?.(),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    entry.mutate()
  }
  const fieldError = (path: string) =>
    entry.error instanceof ApiError
      ? entry.error.fields.find((field) => field.path === path)?.message
      : undefined
  const told = ['email', 'password'].some((path) => fieldError(path))

  return (
    <form className="card form" onSubmit={submit} aria-label={title}>
      <h2>{title}</h2>
      <Field
        label="E-mail"
        type="email"
        name="email"
        autoComplete="username"
        required
        value={email}
        onChange={({ target }) => setEmail(target.value)}
        error={fieldError('email')}
      />
      <Field
        label="Password"
        type="password"
        name="password"
        autoComplete={mode === 'login' ? 'current-password' : 'new-password'}
        required
        value={password}
        onChange={({ target }) => setPassword(target.value)}
        hint={
          mode === 'register'
            ? 'Long is good: three or four words that only you would put together.'
            : undefined
        }
        error={fieldError('password')}
      />
      {entry.error && !told ? <ErrorNotice error={entry.error} /> : null}
      <button type="submit" className="button button-primary" disabled={entry.isPending}>
        {entry.isPending ? busy : title}
      </button>
      <p className="small">
        {other}{' '}
        <button
          type="button"
          className="link-button"
          onClick={() => {
            setMode(mode === 'login' ? 'register' : 'login')
            entry.reset()
          }}
        >
          {change}
        </button>
      </p>
    </form>
  )
}
