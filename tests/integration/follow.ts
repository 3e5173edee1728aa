import type { Client, EventHub } from '../../apps/api/events/hub.ts'
import type { Viewer } from '../../apps/api/events/viewer.ts'

/** A client that follows a hub and, told to, goes on where it is at another. */
export function follow(viewer: Viewer, at: EventHub, from: bigint) {
  const seen: string[] = []
  let cursor = from
  let leave = () => {}
  const connect = (hub: EventHub) => {
    let open = true
    leave = () => {
      open = false
    }
    const client: Client = {
      kind: 'stream',
      get open() {
        return open
      },
      greet() {},
      async send(events) {
        if (!open) return
        seen.push(...events.map(({ id, event }) => `${id} ${event}`))
        cursor = events.at(-1)?.id ?? cursor
      },
      signOfLife(told) {
        cursor = told
      },
      end: leave,
      expire: leave,
    }
    void hub.serve(client, { viewer, cursor, replaying: true })
  }
  connect(at)
  return {
    viewer,
    seen,
    moveTo(hub: EventHub) {
      leave()
      connect(hub)
    },
  }
}
