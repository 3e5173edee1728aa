import { FeedError } from '../feed-error.ts'
import { complaintOf, formOf, readPage } from './page.ts'
import type { Session } from './session.ts'

const LOGIN = 'form#login_form'

export type Account = { user: string; password: string }

/**
 * Logs a session in by phpMyAdmin's form: its token and set_session tie the login to the session's cookie. Errors:
 * FeedError with phpMyAdmin's own words when it refuses, or with what was not found when the page is another one.
 */
export async function logIn(
  session: Session,
  { user, password }: Account,
  signal: AbortSignal,
): Promise<void> {
  const page = await readPage(await session.ask('', { signal }), signal)
  const { action, fields } = formOf(page, LOGIN, ['pma_username', 'pma_password', 'token', 'set_session'])
  const form = { ...fields, pma_username: user, pma_password: password }
  const after = await readPage(await session.ask(action, { signal, form }), signal)
  if (!after.root.querySelector(LOGIN)) return
  const complaint = complaintOf(after) ?? 'it shows its login form again'
  throw new FeedError(`phpMyAdmin refuses the login of ${user}: ${complaint}`)
}
