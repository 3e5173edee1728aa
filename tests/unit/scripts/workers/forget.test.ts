import { describe, expect, it } from 'vitest'
import type { WorkerVersion } from '../../../../scripts/ports.ts'
import { forgettable, forgetVersions } from '../../../../scripts/workers/forget.ts'

const version = (buildId: string, given: Partial<WorkerVersion> = {}): WorkerVersion => ({
  ...{ buildId, status: 'drained', pollers: [], running: 0 },
  ...given,
})

describe('records of versions', () => {
  it('go where nothing runs, nobody polls and no release needs them', () => {
    const versions = [
      version('gone'),
      version('never', { status: 'inactive' }),
      version('kept'),
      version('busy', { running: 1 }),
      version('polled', { pollers: ['1@a'] }),
      version('draining', { status: 'draining' }),
      version('current', { status: 'current' }),
      version(''),
    ]
    expect(forgettable(versions, new Set(['kept']))).toEqual(['gone', 'never'])
  })

  it('stay for releases that are kept, for what .env names, and where Temporal does not let go', async () => {
    const tags = 'ecomweb/release:shop-00000000000a\necomweb/release:shop-test-00000000000b\n'
    const read = {
      dry: false,
      run: async ({ args }: { args: string[] }) => ({
        ...{ code: 0, stderr: '' },
        stdout: args.includes('ls') ? tags : '',
      }),
    }
    const disk = { read: async () => `BACKGROUND_IMAGE=sha256:${'c'.repeat(64)}\n` }
    const asked: string[] = []
    const ids = ['00000000000a', '00000000000b', 'cccccccccccc', '00000000000d']
    const versions = {
      look: async () => ({ current: 'x', settling: false, versions: ids.map((id) => version(id)) }),
      remove: async (id: string) => {
        asked.push(id)
        if (id === '00000000000b') throw new Error('has active pollers')
      },
    }
    const ports = { read, disk, versions } as unknown as Parameters<typeof forgetVersions>[0]
    expect(await forgetVersions(ports, 'shop')).toEqual(['00000000000d'])
    expect(asked).toEqual(['00000000000b', '00000000000d'])
  })
})
