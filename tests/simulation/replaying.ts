import type { Host } from './host.ts'
import type { SimulatedImage } from './images.ts'
import { failed, ok, type Program } from './program.ts'

/** The image's REPLAY_COMMAND: changes nothing; Temporal cannot always be reached. */
export function* replaying({ random }: Host, { replay, replayOf }: SimulatedImage, version = ''): Program {
  yield random.between(300, 2000)
  if (replay === 'undeclared') throw new Error('an image without REPLAY_COMMAND is asked to replay')
  if (random.chance(0.02)) return failed('replay: Temporal at sim-temporal:7233: no answer in time', 2)
  const fails = (replayOf?.[version] ?? replay) === 'fails'
  const failures = [{ type: 'processOrder', workflow_id: 'order-1', message: 'simulated' }]
  const types = [{ type: 'processOrder', running: 1, replayed: 1, left_out: 0 }]
  const report = { types, histories: 1, failures: fails ? failures : [], ms: 1 }
  const printed = `${JSON.stringify(report)}\n`
  return fails ? { ...failed('', 1), stdout: printed } : ok(printed)
}
