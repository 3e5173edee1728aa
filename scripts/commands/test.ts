import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT, KitError } from '../errors.ts'
import { ensureEngine } from '../host/engine.ts'
import { installPackages } from '../host/packages.ts'
import type { Command } from '../run.ts'
import type { World } from '../world.ts'
import type { CommandSpec } from './command.ts'

const bin = (name: string): string => join('node_modules/.bin', name)

export const testCommand: CommandSpec = {
  name: 'test',
  summary: 'run every test, on a stack of its own name and ports',
  flags: {
    quick: { type: 'boolean', help: 'types, lint and unit tests only; no Docker' },
    coverage: { type: 'boolean', help: 'also count which lines of the code ran, in .ecomweb/coverage' },
    chaos: {
      type: 'string',
      value: 'all',
      help: 'whole proofs, every kill point, fault and bad release: about two hours',
    },
    only: { type: 'string', value: 'FILE', help: 'only test files whose path holds this' },
  },
  examples: [
    './ecomweb test',
    './ecomweb test --quick',
    './ecomweb test --only switch',
    './ecomweb test --chaos all',
    './ecomweb test --chaos all --only proof',
  ],
  async run({ world, progress, root, print, emit }, values) {
    if (values.chaos !== undefined && values.chaos !== 'all') {
      throw new KitError(`--chaos ${values.chaos} is not known`, {
        next: './ecomweb test --chaos all',
        code: EXIT.usage,
      })
    }
    const checks: [string, Command][] = [
      ['lint', { file: bin('biome'), args: ['check', '--error-on-warnings', '.'] }],
      ...TYPED.map((part): [string, Command] => [
        `types of ${part}`,
        { file: bin('tsc'), args: ['--noEmit', '-p', part] },
      ]),
      ['web client within its budget', { file: 'npm', args: ['run', '--silent', 'build:web'] }],
      [
        'secrets, in its bundle too',
        { file: process.execPath, args: ['scripts/main.ts', 'scan', 'secrets'] },
      ],
    ]
    let [passed, failed] = [0, 0]
    for (const [title, command] of checks) {
      const ended = await progress.step(title, (detail) =>
        world.read.run(command, { check: false, stream: detail }),
      )
      if (ended.code === 0) passed += 1
      else failed += 1
    }
    if (!values.quick) {
      await ensureEngine({ runner: world.runner, progress, install: values['no-install'] !== true })
      await progress.step('install what tests need besides the engine', (detail) =>
        installTools(world, detail),
      )
    }
    const report = join(root, '.ecomweb/test-report.json')
    mkdirSync(join(root, '.ecomweb'), { recursive: true, mode: 0o700 })
    const tests = await world.read.run(vitest(values, report), { check: false, stream: 'inherit' })
    const counted = countTests(readFileSync(report, 'utf8'))
    passed += counted.passed
    // A run that ended badly without a failing test, e.g. in its set-up, must not look green.
    failed += counted.failed || (tests.code === 0 ? 0 : 1)
    emit({ passed, failed })
    print(`${passed} passed, ${failed} failed`)
    if (failed > 0) process.exitCode = EXIT.failed
  },
}

/** What is compiled apart: code for browsers knows a document, all else does not. */
const TYPED = ['.', 'apps/web', 'tests/browser']

/** strace shows how the map reaches the disk, Chromium what people see; nothing is done where both are installed. */
async function installTools({ read, runner }: World, detail: (text: string) => void): Promise<void> {
  const both: Command = { file: 'sh', args: ['-c', 'command -v strace && command -v chromium'] }
  if ((await read.run(both, { check: false })).code === 0) return
  await installPackages(runner, ['strace', 'chromium', 'fonts-dejavu-core'], detail)
}

/** What takes too long for every run: whole proofs, every kill point and fault, every bad release at both rates. */
const CHAOS_FILES = [
  'e2e/chaos',
  'e2e/bad-',
  'e2e/proof',
  'e2e/cron-handover',
  'e2e/autoscale',
  'e2e/reports',
  'e2e/broken-images',
  'e2e/interruption',
  'e2e/workflows-in-flight',
]

const vitest = (values: Record<string, unknown>, report: string): Command => ({
  file: bin('vitest'),
  args: [
    'run',
    ...(values.quick ? ['--project', 'unit'] : []),
    ...(values.coverage ? ['--coverage'] : []),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...(values.only ? [String(values.only)] : values.chaos ? CHAOS_FILES : []),
    // A second stack is worth its start only for many files; and what is measured wants the machine for itself.
    ...(values.only || values.chaos ? ['--maxWorkers', '1'] : []),
  ],
  ...(values.chaos ? { env: { CHAOS: 'all', BAD: 'all' } } : {}),
})

/** Counts of vitest's JSON report. */
export function countTests(json: string): { passed: number; failed: number } {
  const report = JSON.parse(json) as { numPassedTests: number; numFailedTests: number }
  return { passed: report.numPassedTests, failed: report.numFailedTests }
}
