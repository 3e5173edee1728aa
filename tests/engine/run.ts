import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { run } from '../e2e/harness/process.ts'
import type { EngineResult } from './experiment.ts'

/** An engine that is killed and started again belongs to nobody else: its own network, mounts and processes. */
const ENCLOSE = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']

/** The program that the host's engine runs from; undefined where it is not to be found, or not Linux's root asks. */
export async function engineProgram(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const { stdout } = await run('sh', ['-c', 'readlink -f /proc/$(cat /var/run/docker.pid)/exe'], {
    check: false,
  })
  const found = stdout.trim()
  return found.endsWith('/dockerd') ? found : undefined
}

/** Runs the experiments on an engine of their own; resolves with what each showed and what was printed. */
export async function killTheEngine(
  dockerd: string,
  timeoutMs: number,
): Promise<{ results: EngineResult[]; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'ecw-engine-'))
  try {
    // As process 1 of the enclosure, an init: it takes in whom the killed daemons leave behind.
    const init = join(dirname(dirname(dockerd)), 'bin/docker-init')
    const program = [process.execPath, join(import.meta.dirname, 'enclosed.ts'), folder, dockerd]
    const args = [...ENCLOSE, ...(existsSync(init) ? [init, '--'] : ['docker-init', '--']), ...program]
    const { stdout, stderr } = await run('unshare', args, { check: false, timeoutMs })
    const file = join(folder, 'results.json')
    const results = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as EngineResult[]) : []
    return { results, output: stdout + stderr }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
