import { writeVersion } from '../../../../../apps/core/feed/writer.ts'

/** Writes one version of rows labelled as told, says each phase, and in the one named waits to be killed. */
const [dir = '', label, fatal, rowCount = '20000', width = '50'] = process.argv.slice(2)

async function* rows(): AsyncGenerator<string> {
  for (let id = 1; id <= Number(rowCount); id++)
    yield JSON.stringify({ id, label, filler: 'x'.repeat(Number(width)) })
}

const told = new Set<string>()
try {
  await writeVersion(dir, rows(), {
    now: () => new Date(),
    signal: new AbortController().signal,
    onProgress({ phase }) {
      if (told.has(phase)) return
      told.add(phase)
      process.stdout.write(`${phase}\n`)
    },
    // Killed in the middle of the swap itself.
    publish: async (swap) => {
      process.stdout.write('publishing\n')
      const meta = await swap()
      process.stdout.write('published\n')
      return meta
    },
  })
} catch (error) {
  process.stdout.write(`failed ${(error as NodeJS.ErrnoException).code}\n`)
}
if (fatal) await new Promise((resolve) => setTimeout(resolve, 60_000))
