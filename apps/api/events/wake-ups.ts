import { OUTBOX_CHANNEL } from '../../core/outbox.ts'
import type { Redis } from '../../core/redis.ts'
import type { Feed } from './feed.ts'

/** Has a feed look as soon as there may be news. A message that is lost costs no event, only the time to the next poll. */
export function wakeOnNews(feed: Feed, wakeUps: Redis): void {
  wakeUps.on('ready', () => wakeUps.subscribe(OUTBOX_CHANNEL).catch(() => {}))
  wakeUps.on('message', () => feed.wake())
}
