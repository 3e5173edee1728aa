import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type History, historyFromJSON } from '@temporalio/common/lib/proto-utils.js'
import { bundleWorkflowCode, DefaultLogger, Runtime } from '@temporalio/worker'
import { beforeAll, describe, expect, it } from 'vitest'
import { bundleWorkflows } from '../../../apps/worker/bundle.ts'
import { eventOf, reasonOf } from '../../../apps/worker/replay/event.ts'
import { type Report, replayHistories } from '../../../apps/worker/replay/histories.ts'
import type { Execution } from '../../../apps/worker/replay/sample.ts'

const ROOT = join(import.meta.dirname, '../../..')
const RECORDED = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.history.json'))

const recorded = (file: string): History =>
  historyFromJSON(JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8')))
const typeIn = ({ events }: History): string =>
  events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? ''

let shipped: string

beforeAll(async () => {
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => {}),
    telemetryOptions: { logging: { forward: {}, filter: 'OFF' } },
  })
  shipped = await bundleWorkflows()
}, 120_000)

/** The workflows as they would be with another source file. */
async function bundledWith(file: string, edit: (text: string) => string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'workflows-'))
  try {
    for (const part of ['apps/worker', 'apps/core'])
      cpSync(join(ROOT, part), join(folder, part), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    const path = join(folder, file)
    writeFileSync(path, edit(readFileSync(path, 'utf8')))
    const workflowsPath = join(folder, 'apps/worker/workflows.ts')
    return (await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') })).code
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Replays what is recorded, each file as one workflow. */
function replayed(
  code: string,
  files: string[],
  { closed = false, over = () => false }: { closed?: boolean; over?: () => boolean } = {},
): Promise<Omit<Report, 'ms'>> {
  const histories = new Map(files.map((file) => [file, recorded(file)]))
  const executions = [...histories].map(
    ([workflowId, history]): Execution => ({ type: typeIn(history), workflowId, runId: 'run-1', closed }),
  )
  const types = [...new Set(executions.map(({ type }) => type))].map((type) => ({ type, running: 1 }))
  return replayHistories({
    sample: { types, executions },
    fetch: async ({ workflowId }) => histories.get(workflowId),
    ...{ code: { workflowBundle: { code } }, over },
  })
}

describe('the replay before a deploy', { timeout: 120_000 }, () => {
  it('passes everything that earlier releases recorded', async () => {
    const report = await replayed(shipped, RECORDED)
    expect(report).toMatchObject({ histories: RECORDED.length, failures: [], warnings: [] })
    expect(report.types.map(({ left_out }) => left_out)).toEqual(report.types.map(() => 0))
  })

  it('finds two activities that have changed places, and names the event', async () => {
    const code = await bundledWith('apps/worker/fulfilment.ts', (text) =>
      text
        .replace('run: activities.confirmReservation', 'run: activities.first')
        .replace('run: activities.takePayment', 'run: activities.confirmReservation')
        .replace('run: activities.first', 'run: activities.takePayment'),
    )
    const { failures, histories } = await replayed(code, [
      'fulfilled-order.history.json',
      'feed-refresh.history.json',
    ])
    expect(histories).toBe(2)
    expect(failures).toEqual([
      {
        ...{ type: 'processOrder', workflow_id: 'fulfilled-order.history.json', run_id: 'run-1' },
        event: { id: expect.any(Number), type: 'MarkerRecorded' },
        message: expect.stringMatching(/confirmReservation.*takePayment/),
      },
    ])
    const { events } = recorded('fulfilled-order.history.json')
    const named = events?.find(({ eventId }) => Number(eventId) === failures[0]?.event?.id)
    const [payload] = named?.markerRecordedEventAttributes?.details?.data?.payloads ?? []
    expect(Buffer.from(payload?.data ?? []).toString()).toContain('"confirmReservation"')
  })

  it('finds what is no longer called, no longer there, or new in between', async () => {
    const edited = (from: string, to: string) => {
      expect(shipped).toContain(from)
      return replayed(shipped.replaceAll(from, to), ['feed-refresh.history.json'])
    }
    const begins = 'async function feedRefresh(trigger) {'
    const event = { id: 5, type: 'ActivityTaskScheduled' }
    const cases = [
      [
        await edited(begins, `${begins} return 1;`),
        { event, message: expect.stringContaining('does not handle') },
      ],
      [await edited(begins, `${begins} await new Promise((done) => setTimeout(done, 1000));`), { event }],
      [
        await edited('refreshDataFeed', 'refreshFeed'),
        { event, message: expect.stringContaining("'refreshFeed'") },
      ],
      [await edited('feedRefresh', 'feedAgain'), { message: expect.stringContaining('no such function') }],
      [
        await edited(begins, `${begins} throw new TypeError('x is no function');`),
        { message: 'x is no function' },
      ],
    ] as const
    for (const [{ failures }, failure] of cases) expect(failures).toMatchObject([failure])
  })

  it('holds nothing against a release for workflows that are over', async () => {
    const code = shipped.replaceAll('refreshDataFeed', 'refreshFeed')
    const report = await replayed(code, ['feed-refresh.history.json'], { closed: true })
    expect(report).toMatchObject({ failures: [], warnings: [{ type: 'feedRefresh' }] })
  })

  it('says what it left out because time was over', async () => {
    let looks = 0
    const report = await replayed(shipped, RECORDED, { over: () => ++looks > 2 })
    expect(report.histories).toBe(2)
    const left = report.types.reduce((sum, { left_out }) => sum + left_out, 0)
    expect(left).toBe(RECORDED.length - 2)
  })
})

describe('the reason why a replay ended', () => {
  it('is the sentence inside of what the library says', () => {
    const wrapped = `Replay failed. Details: Failure { failure: Some(Failure { message: "[TMPRL1100] Nondeterminism error: it \\"differs\\"", source: "x" }) }`
    expect(reasonOf(new Error(wrapped))).toBe('it "differs"')
    expect(reasonOf(new Error('something else\nmore'))).toBe('something else')
  })

  it('need not speak of an event', () => {
    expect(eventOf('x is no function', [{ eventId: 1 }])).toBeUndefined()
    expect(eventOf("of scheduled event 'gone' does not match", [{ eventId: 1 }])).toBeUndefined()
  })
})
