import { useSyncExternalStore } from 'react'
import type { SessionState } from './session.ts'
import { session } from './shop.ts'
import type { User } from './types.ts'

export const useSession = (): SessionState => useSyncExternalStore(session.subscribe, session.state)

/** Who is signed in, if anybody. */
export function useUser(): User | undefined {
  const state = useSession()
  return state.phase === 'user' ? state.user : undefined
}
