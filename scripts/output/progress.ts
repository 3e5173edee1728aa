import { redact } from '../settings/secrets.ts'

/** How long work is shown: named steps with durations. */
export interface Progress {
  /** Runs one step; `detail` shows what it is doing right now. Rethrows the step's error. */
  step<T>(title: string, run: (detail: (text: string) => void) => Promise<T>): Promise<T>
  note(text: string): void
}

export type StepEvent = { step: string; status: 'started' | 'done' | 'failed'; ms?: number; detail?: string }

type Clock = () => number
const milliseconds: Clock = () => performance.now()

/** Lines for people: one per step; on a terminal the running step is rewritten in place with its detail. */
export function textProgress(out: NodeJS.WriteStream, now: Clock = milliseconds): Progress {
  const live = out.isTTY === true
  const clear = live ? '\r\x1b[2K' : ''
  return {
    note: (text) => void out.write(`${clear}  ${redact(text)}\n`),
    async step(title, run) {
      const start = now()
      let last = ''
      const show = (text: string) => {
        const line = redact(text).replace(/\s+/g, ' ').trim()
        if (live)
          out.write(`${clear}  … ${title}${line ? `: ${line}` : ''}`.slice(0, (out.columns ?? 100) + 4))
        else if (line && line !== last) out.write(`    ${line}\n`)
        last = line
      }
      if (live) show('')
      try {
        const value = await run(show)
        out.write(`${clear}  ✓ ${title} (${seconds(now() - start)})\n`)
        return value
      } catch (error) {
        out.write(`${clear}  ✗ ${title} (${seconds(now() - start)})\n`)
        throw error
      }
    },
  }
}

/** JSON lines for programs: one object per event on standard output. */
export function jsonProgress(emit: (value: unknown) => void, now: Clock = milliseconds): Progress {
  return {
    note: (text) => emit({ note: redact(text) }),
    async step(title, run) {
      const start = now()
      const event = (status: StepEvent['status']): StepEvent => ({
        step: title,
        status,
        ms: Math.round(now() - start),
      })
      emit({ step: title, status: 'started' } satisfies StepEvent)
      try {
        const value = await run(() => {})
        emit(event('done'))
        return value
      } catch (error) {
        emit(event('failed'))
        throw error
      }
    },
  }
}

export const seconds = (ms: number): string =>
  ms < 1000
    ? `${Math.round(ms)} ms`
    : ms < 60_000
      ? `${(ms / 1000).toFixed(1)} s`
      : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
