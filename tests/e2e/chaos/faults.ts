import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { run } from '../harness/process.ts'
import type { Colour, Stack } from '../harness/stack.ts'
import type { Fault } from './cells.ts'

/** How long a server is away. */
const AWAY_MS = 10_000

/**
 * Makes something go wrong while `colour` gets a new release; resolves with what heals it, which waits until it has
 * been away for its time.
 */
export async function strike(stack: Stack, fault: Fault, colour: Colour): Promise<() => Promise<unknown>> {
  const away = async (part: string) => {
    await stack.docker(['stop', '--timeout', '1', stack.container(part)])
    const back = delay(AWAY_MS).then(() => stack.docker(['start', stack.container(part)]))
    return () => back
  }
  switch (fault) {
    case 'kill the new colour': {
      await stack.docker(['kill', '--signal', 'KILL', stack.container(`api_${colour}`)], { check: false })
      // What was killed by hand is not restarted by its policy; the recovery may have started it already.
      return () => stack.compose(['up', '-d', '--no-deps', '--no-recreate', `ecomweb_api_${colour}`])
    }
    case 'reload HAProxy':
      await stack.docker(['kill', '--signal', 'USR2', stack.container('haproxy')])
      return async () => {}
    case 'stop Redis for 10 s':
      return away('redis')
    case 'stop PostgreSQL for 10 s':
      return away('postgres')
    case 'stop Temporal for 10 s':
      return away('temporal')
    case 'fill the disk': {
      const file = stack.file('.ecomweb/ballast')
      writeFull(file)
      return async () => rmSync(file, { force: true })
    }
  }
}

/** Fills the file system of a file to its last byte. */
function writeFull(file: string): void {
  for (const size of [65_536, 4096, 1]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
}

/** Gives the kit's own files a small file system of their own, so that it can be filled; resolves with the way back. */
export async function smallDisk(stack: Stack): Promise<() => Promise<void>> {
  const [place, copy] = [stack.file('.ecomweb'), stack.file('.ecomweb-before')]
  mkdirSync(place, { recursive: true })
  cpSync(place, copy, { recursive: true, preserveTimestamps: true })
  await run('mount', ['-t', 'tmpfs', '-o', 'size=8m,mode=0700', 'ecomweb-chaos', place])
  cpSync(copy, place, { recursive: true, preserveTimestamps: true })
  return async () => {
    rmSync(copy, { recursive: true, force: true })
    if (existsSync(place)) cpSync(place, copy, { recursive: true, preserveTimestamps: true })
    await run('umount', [place])
    rmSync(place, { recursive: true, force: true })
    cpSync(copy, place, { recursive: true, preserveTimestamps: true })
    rmSync(copy, { recursive: true, force: true })
  }
}
