import type { Watched } from '../../../../scripts/analysis/types.ts'
import type { JournalLine } from '../../../../scripts/history/releases.ts'

/** An image id that begins with this digit. */
export const imageId = (digit: string): string => `sha256:${digit.repeat(64)}`

const at = (second: number): string => new Date(Date.UTC(2026, 10, 22, 10, 0, second)).toISOString()

/** Lines of one command, a second apart: the event, then its facts. */
export const lines = (
  id: string,
  command: string,
  events: [string, Record<string, unknown>?][],
): JournalLine[] => events.map(([event, facts], second) => ({ at: at(second), id, command, event, ...facts }))

export const plan = (image: string, from: string, to: string) => ({
  plan: { image: imageId(image), reference: `shop:${image}`, from, to, by: 'root@shop' },
})

/** A whole deploy that went well; each step takes as long as said. */
export const deployed = (id: string, image: string, to: string, steps: Record<string, number> = {}) =>
  lines(id, 'deploy', [
    ['begin', plan(image, to === 'blue' ? 'green' : 'blue', to)],
    ...Object.entries(steps).flatMap(([step, ms]): [string, Record<string, unknown>][] => [
      ['step', { step, title: `do ${step}` }],
      ['step-done', { step, ms }],
    ]),
    ['end', { result: 'deployed', active: to, image: imageId(image), ms: 60_000 }],
  ])

export const watched: Watched = {
  verdict: 'fail',
  reason: 'server errors 3.10 % against 0.00 % (p 1e-9)',
  phase: 'canary 25 %',
  ms: 6000,
  looks: 6,
  restarts: 0,
  figures: [
    {
      audience: 'users',
      responses: { new: 1000, old: 3000 },
      errorRatio: { new: 0.031, old: 0 },
      errorP: 1e-9,
      p50: { new: 6.4, old: 6 },
      p95: { new: 24, old: 22 },
      latencyP: 0.4,
      edgeErrors: { new: 2, old: 0 },
    },
  ],
}

/** A deploy that the analysis rolled back. */
export const rolledBack = lines('20261122-110000', 'deploy', [
  ['begin', plan('c', 'blue', 'green')],
  ['step', { step: 'start', title: 'start green' }],
  ['step-done', { step: 'start', ms: 4000 }],
  ['step', { step: 'canary-25', title: 'canary 25 %' }],
  [
    'step-failed',
    {
      step: 'canary-25',
      error: 'green is worse than blue: server errors 3.10 % against 0.00 %',
      why: 'its last lines:\n  no such column',
      next: 'read .ecomweb/failures/20261122T100003-ecomweb_api_green.log, mend the image',
      facts: { ...watched, exitCode: 137, oomKilled: true },
    },
  ],
  ['undo', { step: 'canary-25' }],
  ['undo-done', { step: 'canary-25' }],
  ['undo', { step: 'start' }],
  ['undo-failed', { step: 'start', error: 'the engine is gone' }],
  [
    'end',
    {
      result: 'rolled-back',
      active: 'blue',
      image: imageId('b'),
      ms: 9000,
      back_ms: 700,
      migrations: ['003_stock'],
    },
  ],
])

/** As the kit wrote before there were plans: steps by their titles, switches by colour alone. */
export const old = [
  ...lines('20261001-080000', 'deploy', [
    ['begin', { image: imageId('a'), reference: 'shop:a', from: 'blue', to: 'green' }],
    ['step', { step: 'start green' }],
    ['step-done', { step: 'start green', ms: 3000 }],
    ['end', { result: 'deployed', colour: 'green', image: imageId('a') }],
  ]),
  ...lines('20261001-090000', 'rollback', [
    ['begin', { to: 'blue' }],
    ['end', { result: 'switched', from: 'green', to: 'blue' }],
  ]),
  ...lines('20261001-093000', 'switch', [
    ['begin', { to: 'green' }],
    ['end', { result: 'switched', from: 'blue', to: 'green' }],
  ]),
]
