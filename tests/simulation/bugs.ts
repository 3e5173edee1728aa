import { JOURNAL } from '../../scripts/deploy/journal.ts'
import { ROUTES_FILE } from '../../scripts/haproxy/routes.ts'
import type { Disk, Ports } from '../../scripts/ports.ts'

/** Mistakes that a change of the engine could make, each put between the engine and its ports. */
export const BUGS: Record<string, (ports: Ports) => Ports> = {
  'no fsync of .env': (ports) => unsynced(ports, (path) => path.endsWith('.env.new')),
  'no fsync of the folder that holds the map': (ports) => unsynced(ports, (path) => path === 'haproxy/state'),
  'no fsync of the journal': (ports) => unsynced(ports, (path) => path === JOURNAL),
  'the running map before its file': (ports) => {
    const late = holdBack(ports.disk, (path) => path === ROUTES_FILE)
    return {
      ...ports,
      disk: late.disk,
      edge: {
        async ask(line) {
          const answer = await ports.edge.ask(line)
          if (line.includes('commit map')) await late.letGo()
          return answer
        },
      },
    }
  },
  '.env after the container that it is for': (ports) => {
    const late = holdBack(ports.disk, (path) => path === '.env')
    return {
      ...ports,
      disk: late.disk,
      runner: {
        dry: false,
        async run(command, options) {
          const result = await ports.runner.run(command, options)
          await late.letGo()
          return result
        },
      },
    }
  },
  'workers end before what runs on their version is handed over': (ports) => ({
    ...ports,
    versions: { ...ports.versions, release: async () => 0 },
  }),
  'a step announced after it acted': (ports) => {
    let held: string | undefined
    const append = async (path: string, text: string) => {
      if (path === JOURNAL && text.includes('"event":"step",')) {
        held = text
        return
      }
      const before = held ?? ''
      held = undefined
      await ports.disk.append(path, before + text)
    }
    return { ...ports, disk: { ...ports.disk, append } }
  },
}

/** Some fsyncs never happen. */
const unsynced = (ports: Ports, lost: (path: string) => boolean): Ports => ({
  ...ports,
  disk: { ...ports.disk, sync: async (path) => (lost(path) ? undefined : ports.disk.sync(path)) },
})

/** Renames to some files happen only when they are let go. */
function holdBack(disk: Disk, what: (path: string) => boolean): { disk: Disk; letGo(): Promise<void> } {
  let held: (() => Promise<void>) | undefined
  return {
    disk: {
      ...disk,
      async rename(from, to) {
        if (!what(to)) return disk.rename(from, to)
        held = () => disk.rename(from, to)
      },
    },
    async letGo() {
      const go = held
      held = undefined
      await go?.()
    },
  }
}
