import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ask, type Control, countReady, liveSockets, openControl } from '../../../../apps/api/control.ts'

describe('the control sockets of a container', () => {
  let folder: string
  let control: Control
  const windows: number[] = []

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'control-'))
    control = await openControl(folder, async (windowMs) => {
      windows.push(windowMs)
      return { websockets: 2, streams: 3 }
    })
  })
  afterEach(async () => {
    control.close()
    await rm(folder, { recursive: true })
  })

  test('pass a drain on and return what was drained', async () => {
    const [socket] = await liveSockets(folder)
    expect(await ask(String(socket), 'drain 1500', 1000)).toEqual({ websockets: 2, streams: 3 })
    expect(windows).toEqual([1500])
  })

  test('answer a command that they do not know with an error', async () => {
    const [socket] = await liveSockets(folder)
    expect(await ask(String(socket), 'reboot', 1000)).toEqual({ error: 'no command reboot' })
  })

  test('count a process from when it is ready until it drains', async () => {
    expect(await countReady(folder)).toBe(0)
    control.markReady()
    expect(await countReady(folder)).toBe(1)
    control.markUnready()
    expect(await countReady(folder)).toBe(0)
  })

  test('forget a process that was killed, and clean up after it', async () => {
    control.markReady()
    await writeFile(join(folder, '99999.sock'), '')
    await writeFile(join(folder, '99999.ready'), '')
    expect(await countReady(folder)).toBe(1)
    expect((await readdir(folder)).filter((name) => name.startsWith('99999'))).toEqual([])
  })

  test('leave nothing behind', async () => {
    control.markReady()
    control.close()
    expect(await readdir(folder)).toEqual([])
  })

  test('are none where no process ever was', async () => {
    expect(await liveSockets('/nonexistent')).toEqual([])
  })
})
