import { expect, it } from 'vitest'
import { deployCommand } from '../../../../scripts/commands/deploy.ts'
import { abortCommand } from '../../../../scripts/commands/recover.ts'
import { formatRoutes, ROUTES_FILE } from '../../../../scripts/haproxy/routes.ts'
import { other } from '../../../../scripts/stack/colours.ts'
import { audit, follow } from '../../../simulation/audit.ts'
import { migrationName } from '../../../simulation/images.ts'
import { addImage, startedStack } from '../../../simulation/stack.ts'
import { pass, runWith } from './running.ts'

it('users leave a bad release while the disk is full; abort undoes the rest once there is room', async () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const { host, expected } = await startedStack(seed, false)
    host.disk.remove('hooks')
    const image = addImage(host, 'erring', [migrationName(1, 'init')])
    const line = { spec: deployCommand, values: { yes: true, canary: '50' }, operands: [image.reference] }
    const exit = await runWith(host, line, 'canary-50', 500, () => {
      expect(host.edge.routed()).toEqual([expected.active, other(expected.active)])
      host.disk.full = true
    })
    expect(exit).toBe('refused')
    expect(host.edge.routed()).toEqual([expected.active])
    expect(host.disk.durable(ROUTES_FILE)).toBe(formatRoutes({ active: expected.active, weight: 0 }))

    host.disk.full = false
    expect(await runWith(host, { spec: abortCommand }, 'none', 0, () => {})).toBe('done')
    await pass(host, 20_000)
    const problems = [...(await follow(host, expected, new Set())), ...(await audit(host, expected))]
    expect([...host.watch.violations, ...problems]).toEqual([])
  }
})
