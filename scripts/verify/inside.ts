import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ApplicationImage, CONTRACT, missingFromContract } from '../docker/application-image.ts'
import type { Command, Runner } from '../run.ts'
import { failed, type Point, passed } from './point.ts'

/** Where the start-up scripts look: Compose sets this folder for every role. */
const WORKDIR = '/app'
const LIMIT_MS = 30_000

/** Runs a script in a container of the image that can do nothing but look: no network, no capability, no writing. */
export const lookInside = (image: string, name: string, script: string): Command => ({
  file: 'docker',
  args: [
    'run',
    '--rm',
    `--name=${name}`,
    `--label=ecomweb.verify=${process.pid}`,
    '--network=none',
    '--init',
    '--read-only',
    '--tmpfs=/tmp:mode=1777,size=16m',
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges:true',
    '--pids-limit=64',
    '--memory=128m',
    `--workdir=${WORKDIR}`,
    '--entrypoint=bash',
    image,
    '-c',
    script,
  ],
})

/** Everything of the contract that shows without running the application; takes one container of half a second. */
export async function inspectContract(
  runner: Runner,
  image: ApplicationImage,
  name: string,
): Promise<Point[]> {
  const script = readFileSync(join(import.meta.dirname, 'look-inside.sh'), 'utf8')
  const looked = await runner.run(lookInside(image.id, name, script), { check: false, timeoutMs: LIMIT_MS })
  return [declaredVariables(image), ...judgeInside(looked, image.variables)]
}

/** Whether the variables by which the kit runs an image are declared. */
export function declaredVariables(image: ApplicationImage): Point {
  const title = 'declares how it is run'
  const missing = missingFromContract(image)
  if (missing.length === 0) return passed('variables', title, CONTRACT.join(', '))
  return failed(
    'variables',
    title,
    `no ${missing.join(', no ')}`,
    `set ${missing.length === 1 ? 'it' : 'them'} with ENV in its Dockerfile (DEPLOYMENT.md, "The image contract")`,
  )
}

/** Judges what the script inside printed. */
export function judgeInside(
  looked: { code: number; stdout: string; stderr: string },
  variables: Record<string, string>,
): Point[] {
  const seen = new Map(looked.stdout.split('\n').map((line) => line.split('\t') as [string, string]))
  if (!seen.has('uid')) {
    const said = looked.stderr.trim().split('\n').at(-1) ?? ''
    return [
      failed(
        'bash',
        'has bash',
        `bash did not run: ${said}`,
        'install bash in the image: start-up scripts and health checks use it',
      ),
    ]
  }
  const has = (id: string, title: string, next: string): Point => {
    const value = seen.get(id)
    return value ? passed(id, title, value) : failed(id, title, 'not found', next)
  }
  const declared = (name: string) => Boolean(variables[name])
  const root = seen.get('uid') === '0'
  return [
    passed('bash', 'has bash', 'it runs'),
    root
      ? failed(
          'user',
          'does not run as root',
          'it runs as root',
          'add a USER line to its Dockerfile, such as USER node',
        )
      : passed('user', 'does not run as root', `uid ${seen.get('uid')}`),
    has('node', 'has node on PATH', 'begin its Dockerfile FROM node:24-bookworm-slim'),
    has('pm2', 'has pm2 on PATH', 'npm install pm2, and put node_modules/.bin on PATH'),
    has('pm2-runtime', 'has pm2-runtime on PATH', 'npm install pm2, and put node_modules/.bin on PATH'),
    has(
      'drain-streams',
      'has drain-streams on PATH',
      'add an executable drain-streams (DEPLOYMENT.md, "The image contract")',
    ),
    // What is not declared at all was said already.
    ...['READY_COMMAND', 'MIGRATE_COMMAND', 'REPLAY_COMMAND'].filter(declared).map((name) => {
      const [program] = (variables[name] ?? '').split(' ')
      return has(name, `can run ${name}`, `"${program}" is no program in the image: mend ENV ${name}`)
    }),
    // REPORTS_ENTRY, like REPLAY_COMMAND, is one that an image need not have.
    ...['API_ENTRY', 'REPORTS_ENTRY', 'CRON_ENTRY', 'WORKER_ENTRY'].filter(declared).map((name) => {
      const file = `${WORKDIR}/${variables[name]}`
      return has(name, `has the file ${name} names`, `${file} is not readable: mend ENV ${name}`)
    }),
    has(
      'migrations',
      'carries its migrations',
      `copy prisma/migrations to ${WORKDIR}/prisma/migrations, or say where they are with ENV MIGRATIONS_DIR=…; readable for its user`,
    ),
  ]
}
