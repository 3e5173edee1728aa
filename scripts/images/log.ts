import { KitError } from '../errors.ts'
import { type Command, display, type Runner } from '../run.ts'

const EVERY_MS = 3_000
const KEPT_LINES = 15

/** Runs a build with its log as progress. Errors: the last lines that the failing step itself printed. */
export async function runBuild(
  runner: Runner,
  command: Command,
  detail: (text: string) => void,
): Promise<void> {
  const log = buildLog(detail)
  const { code } = await runner.run(command, { check: false, stream: log.line })
  if (code === 0) return
  throw new KitError(`an image build failed with exit code ${code}`, {
    why: log.tail().join('\n'),
    next: display(command),
  })
}

/** A build's log for people: without BuildKit's numbering and excerpts, never faster than one can read. */
export function buildLog(
  detail: (text: string) => void,
  now = () => Date.now(),
): { line: (raw: string) => void; tail: () => string[] } {
  let shown = Number.NEGATIVE_INFINITY
  let kept: string[] = []
  return {
    tail: () => kept,
    line(raw) {
      const text = readable(raw)
      if (text === '') return
      kept = [...kept, text].slice(-KEPT_LINES)
      if (now() - shown < EVERY_MS) return
      shown = now()
      detail(text)
    },
  }
}

/** What a step printed: `#12 34.56 text` is BuildKit's form of `text`; its bookkeeping and excerpts are empty. */
export function readable(raw: string): string {
  const text = raw.replace(/^#\d+ (?:\d+\.\d+ )?/, '').trim()
  return NOISE.test(text) ? '' : text
}

const NOISE =
  /^(sha256:|DONE|CACHED|transferring|resolve |extracting |exporting |naming |writing |building with|\.\.\.|-{4,}|>|\d+ \||Dockerfile:\d)|^ERROR: failed to (build|solve): failed to solve/
