import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import { backend, session } from '../api/shop.ts'
import { useSession } from '../api/use-session.ts'
import { applyEvent } from './apply.ts'
import { connectLive, type LiveState } from './live.ts'

/** An administrator of a busy shop hears of many orders a second: lists are asked for at most this often. */
const GATHER_MS = 500

const Live = createContext<LiveState>('closed')

/** Whether events arrive at the moment. */
export const useLive = (): LiveState => useContext(Live)

/** Keeps one connection for all pages, as whoever is signed in. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient()
  const [state, setState] = useState<LiveState>('closed')
  const current = useSession()
  const who = current.phase === 'user' ? `${current.user.id} ${current.user.role}` : current.phase

  useEffect(() => {
    if (who === 'restoring') return
    const old = new Map<string, string[]>()
    let timer: ReturnType<typeof setTimeout> | undefined
    const flush = () => {
      timer = undefined
      for (const queryKey of old.values()) void queries.invalidateQueries({ queryKey })
      old.clear()
    }
    const connect = () =>
      connectLive({
        url: backend.origin,
        token: session.token,
        onState: setState,
        onEvent: (event) => {
          for (const key of applyEvent(queries, event)) old.set(key.join(' '), key)
          if (old.size > 0) timer ??= setTimeout(flush, GATHER_MS)
        },
      })
    let gone = false
    let connection: ReturnType<typeof connect> | undefined
    void backend.ready.then(() => {
      if (!gone) connection = connect()
    })
    return () => {
      gone = true
      clearTimeout(timer)
      connection?.close()
    }
  }, [queries, who])

  return <Live value={state}>{children}</Live>
}
