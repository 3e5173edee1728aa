import { text } from 'node:stream/consumers'
import type { ReadStream } from 'node:tty'
import { EXIT, KitError } from '../errors.ts'

type Prompt = { input: NodeJS.ReadableStream; output: NodeJS.WritableStream }

/**
 * A secret that a person types twice on the terminal, without echo, or that a program sends on standard input.
 * Errors: the two differ, or interrupted.
 */
export async function askSecret(
  what: string,
  { input, output }: Prompt = { input: process.stdin, output: process.stderr },
): Promise<string> {
  const terminal = input as ReadStream
  if (!terminal.isTTY) return text(input)
  const first = await readHidden(`${what}: `, { input: terminal, output })
  const second = await readHidden(`${what} again: `, { input: terminal, output })
  if (first === second) return first
  throw new KitError(`the ${what}s differ`, { why: 'nothing was changed', next: 'the same command' })
}

/** Reads a line in raw mode, in which the terminal shows nothing and leaves every key to us. */
function readHidden(label: string, { input, output }: { input: ReadStream; output: NodeJS.WritableStream }) {
  return new Promise<string>((resolve, reject) => {
    let typed: string[] = []
    const end = (settle: () => void) => {
      input.off('data', read)
      input.setRawMode(false).pause()
      output.write('\n')
      settle()
    }
    const read = (keys: string) => {
      for (const key of keys) {
        if (key === '\r' || key === '\n') return end(() => resolve(typed.join('')))
        if (key === '\u0003' || key === '\u0004')
          return end(() => reject(new KitError('interrupted', { code: EXIT.interrupted })))
        if (key === '\u007f' || key === '\b') typed.pop()
        else if (key === '\u0015') typed = []
        else if (key >= ' ') typed.push(key)
      }
    }
    output.write(label)
    input.setEncoding('utf8')
    input.setRawMode(true).resume().on('data', read)
  })
}
