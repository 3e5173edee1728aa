import { describe, expect, it } from 'vitest'
import type { KitError } from '../../../scripts/errors.ts'
import { buildLog, readable, runBuild } from '../../../scripts/images/log.ts'
import type { Runner } from '../../../scripts/run.ts'

describe('a build log', () => {
  it.each([
    ['#12 34.56 Setting up redis', 'Setting up redis'],
    ['#7 [build 3/4] RUN go version', '[build 3/4] RUN go version'],
    ['#5 sha256:0123 1.2MB / 3MB', ''],
    ['#5 DONE 3.1s', ''],
    ['  15 | >>>  && haproxy -v', ''],
    ['--------------------', ''],
    ['I: installing packages', 'I: installing packages'],
  ])('%s reads %j', (raw, text) => {
    expect(readable(raw)).toBe(text)
  })

  it('shows no more than a person can read, but keeps the last lines', () => {
    let time = 0
    const shown: string[] = []
    const log = buildLog(
      (text) => shown.push(text),
      () => time,
    )
    for (let line = 0; line < 40; line++) {
      log.line(`#3 0.1 line ${line}`)
      time += 500
    }
    expect(shown).toEqual([0, 6, 12, 18, 24, 30, 36].map((line) => `line ${line}`))
    expect(log.tail()).toHaveLength(15)
    expect(log.tail().at(-1)).toBe('line 39')
  })

  it('explains a failed build by what its step printed', async () => {
    const runner: Runner = {
      dry: false,
      async run(_, options) {
        for (const line of ['#4 1.0 E: no such package', '------', '  3 | >>> RUN apt-get'])
          if (typeof options?.stream === 'function') options.stream(line)
        return { code: 1, stdout: '', stderr: '' }
      },
    }
    const failed = runBuild(runner, { file: 'docker', args: ['build', '.'] }, () => {})
    await expect(failed).rejects.toMatchObject({
      why: 'E: no such package',
      next: 'docker build .',
    } satisfies Partial<KitError>)
  })
})
