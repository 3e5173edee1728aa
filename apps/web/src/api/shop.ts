import { createBackend } from './backend.ts'
import { createClient } from './client.ts'
import { createSession, SIGNED_IN } from './session.ts'
import { safeStore } from './storage.ts'

/** The parts of this page, put together once. */
export const local = safeStore(() => localStorage)
export const passing = safeStore(() => sessionStorage)
export const backend = createBackend((input, init) => fetch(input, init), location.origin)

export const session = createSession({
  send: backend.fetch,
  elsewhere: backend.elsewhere,
  lasting: local,
  passing,
  now: Date.now,
  // Absent outside secure contexts, where two tabs at the same instant are left to luck.
  alone: (task) => navigator.locks?.request('ecomweb.refresh', task) ?? task(),
})

export const api = createClient({
  send: backend.fetch,
  credentials: session,
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
})

/** Takes up the last session, and follows what other tabs do and when the network comes back. */
export function startSession(): void {
  void session.restore()
  addEventListener('online', () => {
    if (session.state().phase === 'anonymous') void session.restore()
  })
  addEventListener('storage', ({ key }) => {
    if (key === SIGNED_IN) void session.restore()
  })
}
