import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { adminCommand } from '../../../scripts/commands/admin.ts'
import { imageCommand, NOT_DECLARED } from '../../../scripts/docker/image-command.ts'
import { askSecret } from '../../../scripts/output/ask-secret.ts'
import { display, type Result } from '../../../scripts/run.ts'
import { stackOf } from './stack.fixture.ts'

describe('the command inside the container', () => {
  it('shows no password to whoever lists processes or reads the log', () => {
    const command = imageCommand(
      'ecomweb_api_blue',
      'ADMIN_COMMAND',
      ['create', 'a@example.com'],
      'the password',
    )
    expect(command.input).toBe('the password')
    expect(display(command)).not.toContain('the password')
    expect(command.args.slice(0, 3)).toEqual(['exec', '--interactive', 'ecomweb_api_blue'])
    expect(command.args.slice(-3)).toEqual(['admin_command', 'create', 'a@example.com'])
  })
})

describe('./ecomweb admin create', () => {
  /** Runs the command on a stack whose green serves and whose program answers so. */
  async function run(operands: string[], answer: Partial<Result>, { running = true, generate = true } = {}) {
    const { context, ...done } = stackOf('ecomweb_api_green', answer, { running })
    await adminCommand.run(context, { generate }, operands)
    return done
  }

  it('asks the container that serves and prints the generated password once', async () => {
    const made = { id: '1', email: 'a@example.com', outcome: 'created', password: 'abc' }
    const { acted, printed, emitted } = await run(['create', 'a@example.com'], {
      stdout: JSON.stringify(made),
    })
    expect(acted).toEqual([
      imageCommand(
        'ecomweb_api_green',
        'ADMIN_COMMAND',
        ['create', 'a@example.com', '--json', '--generate'],
        '',
      ),
    ])
    expect(printed).toEqual(['a@example.com is a new administrator\npassword: abc'])
    expect(emitted).toEqual([{ ok: true, ...made }])
  })

  it('says what the application refuses', async () => {
    const refused = run(['create', 'a'], { code: 2, stderr: 'admin: "a" is no e-mail address\n' })
    await expect(refused).rejects.toMatchObject({
      message: 'a was not made an administrator',
      why: '"a" is no e-mail address',
    })
  })

  it('says that an older image knows no administrators, and that nothing serves', async () => {
    const old = run(['create', 'a@example.com'], { code: NOT_DECLARED })
    await expect(old).rejects.toThrow('the release that serves cannot make administrators')
    await expect(run(['create', 'a@example.com'], {}, { running: false })).rejects.toThrow(
      'green, which should serve',
    )
    await expect(run(['remove', 'a@example.com'], {})).rejects.toMatchObject({ code: 2 })
  })
})

describe('a password', () => {
  /** A terminal on which somebody types these lines. */
  function terminal(...lines: string[]) {
    const input = Object.assign(new PassThrough(), {
      isTTY: true,
      raw: [] as boolean[],
      setRawMode(raw: boolean) {
        input.raw.push(raw)
        return input
      },
    })
    const output = new PassThrough({ encoding: 'utf8' })
    let shown = ''
    output.on('data', (text: string) => {
      shown += text
      const line = text.endsWith(': ') ? lines.shift() : undefined
      if (line !== undefined) input.write(line)
    })
    return { input, output, shown: () => shown }
  }

  it('is typed twice, and nothing of it is shown', async () => {
    const { input, output, shown } = terminal('a long pasx\u007fs wörd\r', 'x\u0015a long pass wörd\r')
    expect(await askSecret('password', { input, output })).toBe('a long pass wörd')
    expect(shown()).toBe('password: \npassword again: \n')
    expect(input.raw).toEqual([true, false, true, false])
  })

  it('is asked for again when the two differ, and given up with Ctrl-C', async () => {
    await expect(askSecret('password', terminal('one\r', 'two\r'))).rejects.toThrow('the passwords differ')
    await expect(askSecret('password', terminal('one\u0003'))).rejects.toMatchObject({ code: 130 })
  })

  it('comes from a program as it is', async () => {
    const input = new PassThrough()
    input.end('from a file\n')
    expect(await askSecret('password', { input, output: new PassThrough() })).toBe('from a file\n')
  })
})
