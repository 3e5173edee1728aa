import { useSyncExternalStore } from 'react'
import { readConnection, takeUpdate, watchConnection } from '../offline.ts'

/** Small notes at the foot of the window: nothing that stands in anybody's way. */
export function Notices() {
  const { online, update } = useSyncExternalStore(watchConnection, readConnection)
  return (
    <div className="toasts" role="status">
      {online ? null : <p className="toast">You are offline. What you have seen stays readable.</p>}
      {update ? (
        <p className="toast">
          There is a new version of the shop.{' '}
          <button type="button" className="link-button" onClick={takeUpdate}>
            Reload
          </button>
        </p>
      ) : null}
    </div>
  )
}
