import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { deployCommand } from '../../../scripts/commands/deploy.ts'
import { scanCommand } from '../../../scripts/commands/scan.ts'
import { statusCommand } from '../../../scripts/commands/status.ts'
import { whyCommand } from '../../../scripts/commands/why.ts'

type Step = { name?: string; uses?: string; run?: string; with?: Record<string, unknown>; if?: string }
type Job = { 'runs-on': string; 'timeout-minutes'?: number; permissions?: unknown; steps: Step[] }
type Workflow = { name: string; on: Record<string, unknown>; permissions: unknown; jobs: Record<string, Job> }

const ROOT = join(import.meta.dirname, '../../..')
const FOLDER = join(ROOT, '.github/workflows')
const COMMANDS = new Map(
  [deployCommand, scanCommand, statusCommand, whyCommand].map((spec) => [spec.name, spec]),
)

const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8')
const workflow = (file: string) => parse(read(file)) as Workflow
const stepsOf = (file: string): Step[] => Object.values(workflow(file).jobs).flatMap(({ steps }) => steps)
const scripts = (file: string): string =>
  stepsOf(file)
    .flatMap(({ run }) => run ?? [])
    .join('\n')

describe.each(readdirSync(FOLDER))('%s', (file) => {
  it('may only read, and ends by itself', () => {
    const { permissions, jobs } = workflow(file)
    expect(permissions).toEqual({ contents: 'read' })
    for (const job of Object.values(jobs)) {
      expect(job.permissions).toBeUndefined()
      expect(job['timeout-minutes']).toBeGreaterThan(0)
    }
  })

  it('takes actions by commit, with the version for people, and leaves no credentials behind', () => {
    const uses = read(file).match(/uses: .+/g) ?? []
    for (const line of uses) expect(line).toMatch(/^uses: actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    for (const step of stepsOf(file).filter((step) => step.uses?.startsWith('actions/checkout@'))) {
      expect(step.with).toMatchObject({ 'persist-credentials': false })
    }
  })

  it('puts nothing that people type into a script', () => {
    for (const step of stepsOf(file)) expect(step.run ?? '').not.toMatch(/\$\{\{/)
  })

  it('runs commands that exist, with flags that they know', () => {
    for (const [, verb = '', rest = ''] of scripts(file).matchAll(/\.\/ecomweb ([a-z]+)((?: --[\w-]+)*)/g)) {
      const command = COMMANDS.get(verb)
      expect(command, `./ecomweb ${verb}`).toBeDefined()
      for (const flag of rest.match(/[\w-]+/g) ?? []) {
        expect(Object.keys(command?.flags ?? {}), `./ecomweb ${verb} ${flag}`).toContain(
          flag.replace(/^--/, ''),
        )
      }
    }
    for (const [, path = ''] of scripts(file).matchAll(
      /(?<![\w~])(?:\.\/)?((?:\.ci|scripts)\/[\w./-]+|ecomweb)\b/g,
    )) {
      expect(existsSync(join(ROOT, path)), path).toBe(true)
    }
    for (const [, script = ''] of scripts(file).matchAll(/npm run (?:-s )?([\w:]+)/g)) {
      const { scripts: known } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
        scripts: object
      }
      expect(Object.keys(known)).toContain(script)
    }
  })
})

describe('ci', () => {
  it('runs the test command of this repository and the scan, on pushes to both branches and on requests', () => {
    expect(scripts('ci.yml')).toMatch(/^sudo .*\.\/\.ci\/run$/m)
    expect(scripts('ci.yml')).toMatch(/^\.\/ecomweb scan$/m)
    expect(workflow('ci.yml').on).toMatchObject({
      push: { branches: ['main', 'staging'] },
      pull_request: null,
    })
    accessSync(join(ROOT, '.ci/run'), constants.X_OK)
  })

  it('has the whole history where it is scanned', () => {
    const checkouts = stepsOf('ci.yml').filter((step) => step.uses?.startsWith('actions/checkout@'))
    for (const step of checkouts) expect(step.with).toMatchObject({ 'fetch-depth': 0 })
  })
})

describe('deploy', () => {
  it('starts by hand only, one at a time, and is never cut off', () => {
    expect(Object.keys(workflow('deploy.yml').on)).toEqual(['workflow_dispatch'])
    expect(workflow('deploy.yml')).toMatchObject({ concurrency: { 'cancel-in-progress': false } })
  })

  it('says what happened also after a failure, and looks from outside after a success', () => {
    const steps = stepsOf('deploy.yml')
    const names = steps.map(({ name }) => name)
    expect(names.indexOf('Deploy')).toBeLessThan(names.indexOf('What happened'))
    const step = (name: string) => steps.find((step) => step.name === name)
    expect(step('What happened')?.if).toContain('!cancelled()')
    expect(step('What happened')?.run).toContain('./ecomweb why')
    expect(step('Look from outside')?.run).toContain('scripts/outside/check.ts')
    expect(step('Look from outside')?.if).toBeUndefined()
  })
})
