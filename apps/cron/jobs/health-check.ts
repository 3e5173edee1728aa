import type { Database } from '../../core/database.ts'
import type { PlainJob } from '../job.ts'

const LONGEST_MS = 10_000

/** Every five minutes: asks the shop through the edge, as a customer would, and keeps the answer. */
export function healthCheck(database: Database, url: string, ask: typeof fetch = fetch): PlainJob {
  return {
    name: 'health-check',
    schedule: '*/5 * * * *',
    // How it was a while ago can no longer be asked.
    catchUp: { policy: 'skip' },
    limitMs: 20_000,
    async run(slot, { signal }) {
      const sample = await sampleOf(url, AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]), ask)
      await database.healthSample.createMany({ data: { slot, ...sample }, skipDuplicates: true })
    },
  }
}

export type Sample = {
  status: 'healthy' | 'degraded' | 'unreachable'
  httpStatus?: number
  latencyMs: number
  services?: Record<string, string>
  version?: string
  failure?: string
}

/** One answer. A shop that does not answer, or answers with an error or nonsense, is unreachable. Never rejects. */
export async function sampleOf(url: string, signal: AbortSignal, ask: typeof fetch): Promise<Sample> {
  const began = performance.now()
  const latencyMs = () => Math.round(performance.now() - began)
  let httpStatus: number | undefined
  try {
    const answer = await ask(url, { signal, headers: { accept: 'application/json' } })
    httpStatus = answer.status
    const body = (await answer.json()) as { status?: unknown; services?: unknown; version?: unknown }
    if (!answer.ok || (body.status !== 'healthy' && body.status !== 'degraded'))
      throw new Error(`the answer was ${answer.status} without a state of health`)
    return {
      ...{ status: body.status, httpStatus, latencyMs: latencyMs() },
      services: (body.services ?? {}) as Record<string, string>,
      version: String(body.version),
    }
  } catch (error) {
    const { message, cause } = error as Error
    const failure = cause instanceof Error && cause.message ? `${message}: ${cause.message}` : message
    return { status: 'unreachable', ...(httpStatus && { httpStatus }), latencyMs: latencyMs(), failure }
  }
}
