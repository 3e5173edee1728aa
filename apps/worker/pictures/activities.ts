import { heartbeat } from '@temporalio/activity'
import { convertPicture } from './convert.ts'

export type PictureActivities = ReturnType<typeof pictureActivities>

/** `alive` tells Temporal that a conversion goes on. */
export function pictureActivities(directory: string, alive: () => void = () => heartbeat()) {
  let last: Promise<unknown> = Promise.resolve()
  return {
    /** Makes the sizes of an upload; answers their ids. One picture at a time, since each takes much memory. */
    async convertPicture(id: string): Promise<string[]> {
      const before = last
      const conversion = before.then(() => convertPicture(directory, id, alive))
      last = conversion.catch(() => {})
      const waiting = setInterval(alive, 5000)
      return conversion.finally(() => clearInterval(waiting))
    },
  }
}
