import { posix } from 'node:path'
import type { Disk } from '../../scripts/ports.ts'
import type { Random } from './random.ts'

/** What one file holds for those who read it, and what of it would be left after a power cut. */
type Inode = { text: string; synced: string; unsynced: Change[] }

/** `sector`: so little, in its old place, that a power cut leaves it whole or undone. */
type Change = { text: string; appended: boolean; sector?: true }

/** A change of names in a folder, which is durable once that folder was synced. */
type Naming = { folder: string; apply(names: Map<string, Inode>, folders: Set<string>): void }

/**
 * A disk behind a page cache. Everything is seen at once and durable only after its sync: a file's content by a sync
 * of the file, names (creation, renaming, removal) by a sync of their folder. What was not synced may or may not
 * survive a power cut, each by itself, appended text also in part: all that POSIX allows.
 */
export class SimulatedDisk {
  /** Every write fails, with part of it done. */
  full = false
  #names = new Map<string, Inode>()
  #folders = new Set<string>(['.'])
  #durableNames = new Map<string, Inode>()
  #durableFolders = new Set<string>(['.'])
  #namings: Naming[] = []
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  read(path: string): string | undefined {
    return this.#names.get(path)?.text
  }

  /** What a power cut leaves of a file whatever happens; undefined where that is open. */
  durable(path: string): string | undefined {
    const inode = this.#durableNames.get(path)
    const open = this.#namings.some(({ folder }) => folder === posix.dirname(path))
    return !open && inode?.unsynced.length === 0 ? inode.synced : undefined
  }

  list(folder: string): string[] {
    const within = `${folder}/`
    const found = new Set<string>()
    for (const path of [...this.#names.keys(), ...this.#folders]) {
      if (path.startsWith(within)) found.add(path.slice(within.length).split('/')[0] as string)
    }
    return [...found].sort()
  }

  makeFolder(path: string): void {
    if (this.#folders.has(path)) return
    if (this.full) throw this.#noSpace(path)
    this.makeFolder(posix.dirname(path))
    this.#name(path, (_names, folders) => folders.add(path))
  }

  write(path: string, text: string): void {
    const inode = this.#names.get(path) ?? this.#create(path)
    this.#change(path, inode, text, false)
  }

  append(path: string, text: string): void {
    const inode = this.#names.get(path) ?? this.#create(path)
    this.#change(path, inode, text, true)
  }

  /** Needs no room, and so is done on a full disk too. */
  overwrite(path: string, text: string): void {
    const inode = this.#names.get(path)
    if (!inode) throw failure('ENOENT', path)
    inode.text = text
    inode.unsynced.push({ text, appended: false, sector: true })
  }

  sync(path: string): void {
    const inode = this.#names.get(path)
    if (inode) {
      inode.synced = inode.text
      inode.unsynced = []
      return
    }
    if (!this.#folders.has(path)) throw failure('ENOENT', path)
    this.#namings = this.#namings.filter(({ folder, apply }) => {
      if (folder === path) apply(this.#durableNames, this.#durableFolders)
      return folder !== path
    })
  }

  rename(from: string, to: string): void {
    const inode = this.#names.get(from)
    if (!inode) throw failure('ENOENT', from)
    if (posix.dirname(from) !== posix.dirname(to))
      throw new Error(`simulated within a folder only: ${from} to ${to}`)
    this.#name(to, (names) => {
      if (names.get(from) === inode) names.delete(from)
      names.set(to, inode)
    })
  }

  remove(path: string): void {
    for (const name of [...this.#names.keys()].filter(
      (name) => name === path || name.startsWith(`${path}/`),
    )) {
      this.#name(name, (names) => names.delete(name))
    }
    for (const name of [...this.#folders].filter((name) => name === path || name.startsWith(`${path}/`))) {
      this.#name(name, (_names, folders) => folders.delete(name))
    }
  }

  /** Puts a file there as if it had been there for ever. */
  settle(path: string, text: string): void {
    this.makeFolder(posix.dirname(path))
    this.write(path, text)
    this.sync(path)
    for (let folder = path; folder !== '.'; ) {
      folder = posix.dirname(folder)
      this.sync(folder)
    }
  }

  /** What is left after a power cut is what everybody sees from now on. */
  powerLoss(): void {
    for (const { apply } of this.#namings) {
      if (this.#random.chance(0.5)) apply(this.#durableNames, this.#durableFolders)
    }
    this.#namings = []
    const reachable = (path: string): boolean =>
      path === '.' || (this.#durableFolders.has(path) && reachable(posix.dirname(path)))
    this.#durableFolders = new Set([...this.#durableFolders].filter(reachable))
    const names = [...this.#durableNames].filter(([path]) => this.#durableFolders.has(posix.dirname(path)))
    for (const inode of new Set(names.map(([, inode]) => inode))) {
      inode.text = inode.synced = this.#surviving(inode)
      inode.unsynced = []
    }
    this.#durableNames = new Map(names)
    this.#names = new Map(names)
    this.#folders = new Set(this.#durableFolders)
  }

  #surviving({ synced, unsynced }: Inode): string {
    let text = synced
    for (const change of unsynced) {
      const fate = this.#random.next()
      if (fate < 0.3) return text
      const whole = fate >= 0.6 || change.sector
      const kept = whole ? change.text : change.text.slice(0, this.#random.between(0, change.text.length - 1))
      text = change.appended ? text + kept : kept
      if (!whole) return text
    }
    return text
  }

  #create(path: string): Inode {
    if (!this.#folders.has(posix.dirname(path))) throw failure('ENOENT', path)
    const inode: Inode = { text: '', synced: '', unsynced: [] }
    this.#name(path, (names) => names.set(path, inode))
    return inode
  }

  #change(path: string, inode: Inode, text: string, appended: boolean): void {
    const done = this.full ? text.slice(0, this.#random.between(0, text.length)) : text
    inode.text = appended ? inode.text + done : done
    inode.unsynced.push({ text: done, appended })
    if (this.full) throw this.#noSpace(path)
  }

  #name(path: string, apply: Naming['apply']): void {
    apply(this.#names, this.#folders)
    this.#namings.push({ folder: posix.dirname(path), apply })
  }

  #noSpace(path: string): Error {
    return failure('ENOSPC', path)
  }
}

/** The port of the disk, for those whom no fault strikes. */
export const promised = (disk: SimulatedDisk): Disk => ({
  read: async (path) => disk.read(path),
  list: async (path) => disk.list(path),
  makeFolder: async (path) => disk.makeFolder(path),
  write: async (path, text) => disk.write(path, text),
  append: async (path, text) => disk.append(path, text),
  overwrite: async (path, text) => disk.overwrite(path, text),
  sync: async (path) => disk.sync(path),
  rename: async (from, to) => disk.rename(from, to),
  remove: async (path) => disk.remove(path),
})

const failure = (code: string, path: string): Error =>
  Object.assign(
    new Error(`${code}: ${code === 'ENOSPC' ? 'no space left on device' : 'no such file'}, '${path}'`),
    {
      code,
    },
  )
