import { type DestinationStream, pino } from 'pino'

/** Of a warning, as pino counts levels. */
const WARNING = 40
const MOST_KEPT = 64 * 1024

/**
 * Standard output, or another file. The lines of one turn of the event loop go out together, since each write costs
 * more than a line; a warning or worse goes out at once with all before it, and what is left when the process ends. A
 * process that is killed loses the lines of its last turn at most.
 */
export function logOutput(file: number | string = 1): DestinationStream {
  const destination = pino.destination({ dest: file, sync: true })
  let [kept, due] = ['', false]
  const flush = () => {
    if (kept !== '') destination.write(kept)
    kept = ''
  }
  process.once('exit', flush)
  const output = {
    // Has pino set lastLevel before it writes.
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string) {
      kept += line
      if (output.lastLevel >= WARNING || kept.length > MOST_KEPT) return flush()
      if (due) return
      due = true
      setImmediate(() => {
        due = false
        flush()
      })
    },
  }
  return output
}
