import { readFileSync, rmSync } from 'node:fs'

/** Where dockerd and the containerd that it starts say which process they are. */
const PID_FILES = { '/var/run/docker.pid': 'dockerd', '/run/docker/containerd/containerd.pid': 'containerd' }

/**
 * Removes pid files that an engine left behind when it was killed. Both daemons only ask whether such a process
 * lives, not which one it is: a number that was given out again would keep the engine from ever starting.
 */
export function removeStalePids(files: Record<string, string> = PID_FILES): void {
  for (const [file, program] of Object.entries(files)) {
    const pid = read(file)?.trim()
    if (pid && read(`/proc/${pid}/comm`)?.trim() !== program) rmSync(file, { force: true })
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
