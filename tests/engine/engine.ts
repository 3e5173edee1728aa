import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { removeStalePids } from '../../scripts/host/stale-pids.ts'
import { run } from '../e2e/harness/process.ts'
import { waitUntil } from '../e2e/harness/wait.ts'

const HOST_ENGINE = 'unix:///var/run/docker.sock'

/**
 * An engine of the test's own beside the host's. It has to be run where it sees neither the network nor the
 * processes nor the mounts of the host (see enclosed.ts): two engines would share the bridge and its rules.
 */
export class OwnEngine {
  readonly folder: string
  readonly dockerd: string
  private process: ChildProcess | undefined

  constructor(folder: string, dockerd: string) {
    this.folder = folder
    this.dockerd = dockerd
  }

  get host(): string {
    return `unix://${this.socket}`
  }

  private get socket(): string {
    return join(this.folder, 'docker.sock')
  }

  private get pidFiles(): { dockerd: string; containerd: string } {
    return {
      dockerd: join(this.folder, 'docker.pid'),
      containerd: join(this.folder, 'exec/containerd/containerd.pid'),
    }
  }

  /** Starts the engine and the containerd that belongs to it, and waits until it answers. */
  async start(): Promise<void> {
    const { dockerd, containerd } = this.pidFiles
    removeStalePids({ [dockerd]: 'dockerd', [containerd]: 'containerd' })
    mkdirSync(this.folder, { recursive: true })
    const log = openSync(join(this.folder, 'dockerd.log'), 'a')
    const args = [
      ...['--data-root', join(this.folder, 'data'), '--exec-root', join(this.folder, 'exec')],
      ...['--pidfile', dockerd, '--host', this.host],
    ]
    // Its containerd and its proxy lie beside it.
    const bin = join(dirname(dirname(this.dockerd)), 'bin')
    const PATH = `${dirname(this.dockerd)}:${bin}:${process.env.PATH}`
    this.process = spawn(this.dockerd, args, {
      env: { ...process.env, PATH },
      stdio: ['ignore', log, log],
    })
    await waitUntil('the engine answers', async () => {
      if (this.process?.exitCode !== null) throw new Error(this.log())
      return (await run('docker', ['-H', this.host, 'version'], { check: false })).code === 0
    })
  }

  /** Ends both daemons as a power cut would; the containers' own processes live on. */
  async kill(): Promise<void> {
    const ended = once(this.process as ChildProcess, 'exit')
    const containerd = Number(readFileSync(this.pidFiles.containerd, 'utf8'))
    process.kill(this.process?.pid as number, 'SIGKILL')
    process.kill(containerd, 'SIGKILL')
    await ended
  }

  /** Copies images from the host's engine, so that nothing is built or fetched here. */
  async load(images: readonly string[]): Promise<void> {
    const line = `docker -H ${HOST_ENGINE} save ${images.join(' ')} | docker -H ${this.host} load`
    await run('bash', ['-o', 'pipefail', '-c', line])
  }

  /** Removes the containers and ends the engine in order, so that no mount and no control group is left. */
  async stop(): Promise<void> {
    if (!this.process || this.process.exitCode !== null || this.process.signalCode !== null) return
    const remove = `docker -H ${this.host} ps -aq | xargs -r docker -H ${this.host} rm -f`
    await run('bash', ['-c', remove], { check: false, timeoutMs: 120_000 })
    const ended = once(this.process, 'exit')
    this.process.kill('SIGTERM')
    await ended
  }

  /** The last lines that the engine wrote. */
  log(): string {
    return readFileSync(join(this.folder, 'dockerd.log'), 'utf8').split('\n').slice(-15).join('\n')
  }
}
