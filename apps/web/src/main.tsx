import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { BrowserRouter } from 'react-router'
import { passing, session, startSession } from './api/shop.ts'
import { App } from './app.tsx'
import { rememberChannel } from './checkout/channel.ts'
import { LiveProvider } from './live/provider.tsx'
import { startOffline } from './offline.ts'
import './styles/index.css'

// The client repeats what may be repeated; queries need not do it again. Live events make most of what is shown fresh.
const queries = new QueryClient({
  defaultOptions: {
    queries: { retry: false, staleTime: 15_000, networkMode: 'always' },
    mutations: { networkMode: 'always' },
  },
})

// What one person may see is not kept for the next one.
let before = session.state()
session.subscribe(() => {
  const now = session.state()
  if (before.phase === 'user' && (now.phase !== 'user' || now.user.id !== before.user.id)) queries.clear()
  before = now
})

rememberChannel(location.search, passing)
startSession()
startOffline()

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <LiveProvider>
        <BrowserRouter>
          <App />
        </BrowserRouter>
      </LiveProvider>
    </QueryClientProvider>
  </StrictMode>,
)
