import { ApiError, toApiError, Unreachable } from './problem.ts'
import type { Store } from './storage.ts'
import type { SignedIn, User } from './types.ts'

/** 'restoring': somebody was signed in when the page was left, and it is not known yet whether they still are. */
export type SessionState = { phase: 'restoring' | 'anonymous' } | { phase: 'user'; user: User }

export type SessionParts = {
  send: (path: string, init: RequestInit) => Promise<Response>
  /** Whether cookies cannot be relied on, because the API lives on another origin. */
  elsewhere: () => Promise<boolean>
  /** Remembers across visits that somebody signed in (no secret): others need not ask the API at every start. */
  lasting: Store
  /** Keeps the refresh token of a page on another host while its tab lives. */
  passing: Store
  /** Milliseconds since the epoch. */
  now: () => number
  /** Runs one task at a time among all tabs: they share the cookie, and a token that was used twice ends the session. */
  alone: <T>(task: () => Promise<T>) => Promise<T>
}

export const SIGNED_IN = 'ecomweb.signed-in'
const REFRESH = 'ecomweb.refresh'
/** An access token that ends this soon is not used for another request. */
const MARGIN_MS = 20_000

export type Session = ReturnType<typeof createSession>

/** Who is signed in. The access token lives here, in memory, and nowhere else. */
export function createSession({ send, elsewhere, lasting, passing, now, alone }: SessionParts) {
  const listeners = new Set<() => void>()
  let state: SessionState = { phase: lasting.getItem(SIGNED_IN) ? 'restoring' : 'anonymous' }
  let access: { token: string; until: number } | undefined
  let renewal: Promise<void> | undefined
  let restoration: Promise<void> | undefined

  function become(next: SessionState): void {
    state = next
    for (const listener of listeners) listener()
  }

  function enter(answer: SignedIn): void {
    access = { token: answer.token, until: now() + answer.expires_in * 1_000 }
    if (answer.refresh_token) passing.setItem(REFRESH, answer.refresh_token)
    lasting.setItem(SIGNED_IN, '1')
    const same = state.phase === 'user' && JSON.stringify(state.user) === JSON.stringify(answer.user)
    if (!same) become({ phase: 'user', user: answer.user })
  }

  function leave(): void {
    access = undefined
    passing.removeItem(REFRESH)
    lasting.removeItem(SIGNED_IN)
    if (state.phase !== 'anonymous') become({ phase: 'anonymous' })
  }

  /** Never repeated by itself: each of these requests changes something. */
  async function post(path: string, body: object): Promise<Response> {
    const token = await elsewhere()
    const kept = passing.getItem(REFRESH)
    const sent = token && kept && !('email' in body) ? { ...body, refresh_token: kept } : body
    const headers = { 'Content-Type': 'application/json', ...(token ? { 'X-Ecomweb-Client': 'token' } : {}) }
    try {
      return await send(path, { method: 'POST', headers, body: JSON.stringify(sent) })
    } catch (error) {
      throw new Unreachable('the API cannot be reached', { cause: error })
    }
  }

  async function refresh(): Promise<void> {
    const response = await post('/api/auth/refresh', {})
    if (response.ok) return enter((await response.json()) as SignedIn)
    if (response.status < 500 && response.status !== 429) return leave()
    throw await toApiError(response)
  }

  /** Asks for a new access token, once for everybody who needs one at the same time. */
  function renew(): Promise<void> {
    renewal ??= alone(refresh).finally(() => {
      renewal = undefined
    })
    return renewal
  }

  async function signIn(path: string, email: string, password: string): Promise<void> {
    const response = await post(path, { email, password })
    if (!response.ok) throw await toApiError(response)
    enter((await response.json()) as SignedIn)
  }

  return {
    state: () => state,
    subscribe(listener: () => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    login: (email: string, password: string) => signIn('/api/auth/login', email, password),
    register: (email: string, password: string) => signIn('/api/auth/register', email, password),
    renew,

    /** Forgets who is signed in even if the API cannot be told. */
    async logout(): Promise<void> {
      await post('/api/auth/logout', {}).catch(() => undefined)
      leave()
    },

    /** Takes up the session of the last visit, if there was one. Without an answer nobody is signed in for now. */
    restore(): Promise<void> {
      if (!lasting.getItem(SIGNED_IN)) {
        if (state.phase !== 'anonymous') leave()
        return Promise.resolve()
      }
      restoration ??= renew()
        .catch((error) => {
          if (!(error instanceof Unreachable || error instanceof ApiError)) throw error
          if (state.phase === 'restoring') become({ phase: 'anonymous' })
        })
        .finally(() => {
          restoration = undefined
        })
      return restoration
    },

    /** An access token that is good for now (`fresh`: the last one was refused); undefined if nobody is signed in. */
    async token(fresh = false): Promise<string | undefined> {
      if (state.phase === 'restoring') await restoration
      if (access && (fresh || access.until - now() < MARGIN_MS)) await renew().catch(() => undefined)
      return access?.token
    },
  }
}
