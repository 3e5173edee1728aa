import type { Disk } from '../../../../scripts/ports.ts'

/** A disk with these texts and these folders; it remembers what was removed. */
export function diskOf(
  files: Record<string, string> = {},
  folders: Record<string, string[]> = {},
): Disk & { removed: string[] } {
  const removed: string[] = []
  const refuse = async () => {
    throw new Error('this disk is only read')
  }
  return {
    removed,
    read: async (path) => files[path],
    list: async (path) => folders[path] ?? [],
    remove: async (path) => void removed.push(path),
    makeFolder: refuse,
    write: refuse,
    append: refuse,
    overwrite: refuse,
    sync: refuse,
    rename: refuse,
  }
}
