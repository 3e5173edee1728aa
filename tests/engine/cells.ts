import { cellName, type Recovery } from '../e2e/chaos/cells.ts'

/** One experiment: the engine dies while a step of a deploy goes on, alone or together with the deploy. */
export type EngineCell = {
  step: string
  kills: 'the engine' | 'the engine and the deploy'
  recovery: Recovery
}

/**
 * Where the engine is busiest for the deploy. A deploy that outlives its engine fails and finds that it cannot go
 * back: resume and abort both lead back. One that dies with it, as when the host does, can still go on.
 */
export const ENGINE_CELLS: readonly EngineCell[] = [
  { step: 'start', kills: 'the engine', recovery: 'resume' },
  { step: 'workers', kills: 'the engine', recovery: 'abort' },
  { step: 'start', kills: 'the engine and the deploy', recovery: 'resume' },
  { step: 'workers', kills: 'the engine and the deploy', recovery: 'abort' },
  { step: 'workers', kills: 'the engine and the deploy', recovery: 'resume' },
]

export const nameOf = ({ step, kills, recovery }: EngineCell): string =>
  cellName({ step, point: 'in', what: 'kill -9', recovery }).replace('kill -9', `kill -9 of ${kills}`)
