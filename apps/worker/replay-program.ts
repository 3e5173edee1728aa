import { extname, join } from 'node:path'

/** Replays in a process of its own; in an image bundled like the module that asks for it, and found from a chunk too. */
export const REPLAY_PROGRAM = join(
  import.meta.dirname,
  `../../apps/worker/replay-child${extname(import.meta.filename)}`,
)
