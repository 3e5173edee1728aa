import { cellName, type Recovery } from '../e2e/chaos/cells.ts'

/** One experiment: the engine dies while a step of a deploy goes on. */
export type EngineCell = { step: string; recovery: Recovery }

/** Where the engine is busiest for the deploy; each way of going on is taken at an early and at a late step. */
export const ENGINE_CELLS: readonly EngineCell[] = [
  { step: 'start', recovery: 'resume' },
  { step: 'background', recovery: 'abort' },
  { step: 'start', recovery: 'abort' },
  { step: 'background', recovery: 'resume' },
]

export const nameOf = ({ step, recovery }: EngineCell): string =>
  cellName({ step, point: 'in', what: 'kill -9', recovery }).replace('kill -9', 'kill -9 of the engine')
