import { describe, expect, it } from 'vitest'
import { explain, KitError } from '../../../scripts/errors.ts'
import { CommandFailed, display, execRunner, printRunner } from '../../../scripts/run.ts'

const sh = (script: string) => ({ file: 'sh', args: ['-c', script] })

describe('execRunner', () => {
  it('resolves with both streams', async () => {
    expect(await execRunner().run(sh('echo out; echo err >&2'))).toEqual({
      code: 0,
      stdout: 'out\n',
      stderr: 'err\n',
    })
  })
  it('throws with the command, its code and its last lines', async () => {
    const error = await execRunner()
      .run(sh('echo why >&2; exit 3'))
      .catch((e: unknown) => e)
    expect(error).toBeInstanceOf(CommandFailed)
    expect(error).toMatchObject({ message: expect.stringContaining('exit code 3'), why: 'why' })
  })
  it('returns the code when asked not to check', async () => {
    expect((await execRunner().run(sh('exit 3'), { check: false })).code).toBe(3)
  })
  it('says when a program is missing', async () => {
    await expect(execRunner().run({ file: 'no-such-program', args: [] })).rejects.toMatchObject({
      result: { code: 127 },
    })
  })
  it('passes input and lines', async () => {
    const lines: string[] = []
    await execRunner().run({ ...sh('cat'), input: 'a\nb\n' }, { stream: (line) => lines.push(line) })
    expect(lines).toEqual(['a', 'b'])
  })
  it('ends what takes too long', async () => {
    await expect(execRunner().run(sh('sleep 60'), { timeoutMs: 50 })).rejects.toThrow('137')
  })
  it('does not wait for ever for the output of what a process left behind', async () => {
    const run = execRunner().run(sh('sleep 5 & echo started'), { timeoutMs: 100 })
    await expect(run).rejects.toMatchObject({ why: expect.stringContaining('left a process behind') })
  })
})

describe('the dry runner', () => {
  it('prints and does not execute', async () => {
    const lines: string[] = []
    await printRunner((line) => lines.push(line)).run(sh('exit 1'))
    expect(lines).toEqual(["sh -c 'exit 1'"])
  })
})

describe('display', () => {
  it('quotes what a shell would split and hides passwords', () => {
    expect(display({ file: 'psql', args: ["it's", 'postgresql://a:secret@h/d'], env: { A: 'b c' } })).toBe(
      "A='b c' psql 'it'\\''s' postgresql://a:[REDACTED]@h/d",
    )
  })
})

describe('explain', () => {
  it('says what happened, why, and what to type', () => {
    expect(explain(new KitError('it broke', { why: 'one\ntwo', next: './ecomweb up' }))).toBe(
      'Error: it broke\n  why:  one\n        two\n  next: ./ecomweb up',
    )
  })
})
