import { deployCommand } from '../../scripts/commands/deploy.ts'
import { rollbackCommand, switchCommand } from '../../scripts/commands/switch.ts'
import { readJournal } from '../../scripts/deploy/journal.ts'
import { CONFIGURATION } from '../../scripts/haproxy/reload.ts'
import { editEnvFile } from '../../scripts/settings/env-file.ts'
import type { Line } from './command.ts'
import { promised } from './disk.ts'
import type { Host } from './host.ts'
import { migrationName } from './images.ts'
import type { Faults } from './process.ts'
import type { Random } from './random.ts'
import { addImage, composeFile, type Expected } from './stack.ts'

/** Somebody changes a file between two commands, or tidies up. */
export function edit(host: Host, expected: Expected): void {
  const { disk, random } = host
  const dice = random.next()
  if (dice < 0.2) prune(host)
  else if (dice < 0.4) {
    expected.configuration = `global # ${random.between(2, 9)}\n`
    disk.settle(CONFIGURATION, expected.configuration)
  } else if (dice < 0.7) {
    expected.API_MEMORY = `${random.between(2, 9)}G`
    disk.settle('.env', editEnvFile(disk.read('.env') ?? '', { API_MEMORY: expected.API_MEMORY }))
  } else {
    expected.compose = composeFile(random.between(2, 9))
    disk.settle('docker-compose.yml', expected.compose)
  }
}

/** What somebody types next. */
export async function someCommand(host: Host): Promise<Line> {
  const { random } = host
  const dice = random.next()
  if (dice < 0.6) return deploy(host)
  if (dice < 0.72) return { spec: rollbackCommand }
  if (dice < 0.85) return { spec: switchCommand, operands: [random.pick(['blue', 'green'])] }
  const entries = await readJournal(promised(host.disk))
  const recorded = entries.filter(({ event, result }) => event === 'end' && result === 'deployed')
  if (recorded.length === 0) return deploy(host)
  return { spec: rollbackCommand, operands: [random.pick(recorded).id] }
}

function deploy(host: Host): Line {
  const { random, images } = host
  const newest = [...images.values()].at(-1)
  const migrations = [...(newest?.migrations ?? [])]
  for (let more = random.between(0, 2); more > 0; more -= 1)
    migrations.push(migrationName(migrations.length + 1, 'change'))
  const defect = random.pick(['never ready', 'crashing', 'dying', 'erring', 'no background'] as const)
  const old = random.chance(0.1)
  const image = old
    ? random.pick([...images.values()])
    : addImage(host, random.chance(0.6) ? 'good' : defect, migrations)
  if (!old && random.chance(0.1)) {
    const name = migrationName(migrations.length + 1, 'refused')
    image.migrations.push(name)
    image.refused = { name, undone: random.chance(0.5) }
  }
  if (!old && image.replay === 'passes' && random.chance(0.1)) image.replay = 'fails'
  const canary = random.pick(['none', '5,50', undefined])
  const soak = random.pick([undefined, '0', '4s'])
  const values = {
    yes: true,
    ...(image.replay !== 'fails' && random.chance(0.1) ? { 'skip-replay': true } : {}),
    ...(soak === undefined ? {} : { soak }),
    ...(canary === undefined ? {} : { canary }),
  }
  return { spec: deployCommand, values, operands: [image.reference] }
}

/** What goes wrong while a command runs; an effect is chosen among those that a deploy usually has. */
export function someFaults(random: Random): Faults {
  const effect = random.between(1, random.chance(0.3) ? 40 : 200)
  const end = { effect, when: random.pick(['before', 'after', 'during'] as const) }
  const dice = random.next()
  const weather = {
    failing: random.chance(0.15) ? 0.04 : 0,
    slow: random.chance(0.15) ? 0.1 : 0,
  }
  if (dice < 0.3) return { ...weather, end: { kind: 'kill', ...end } }
  if (dice < 0.5) return { ...weather, end: { kind: 'power', ...end } }
  if (dice < 0.6) return { ...weather, interrupt: effect }
  if (dice < 0.7) {
    const full = { effect, ms: random.pick([1, 10, 1000, 30_000]) }
    return {
      ...weather,
      full,
      ...(random.chance(0.5)
        ? { end: { kind: 'kill', ...end, effect: effect + random.between(1, 30) } }
        : {}),
    }
  }
  return weather
}

/** `docker image prune --all`: what no container runs and the kit does not keep is gone. */
function prune({ images, tags, containers, watch }: Host): void {
  for (const id of [...images.keys()]) {
    const kept = [...tags].some(([tag, image]) => image === id && tag.startsWith('ecomweb/release:'))
    if (kept || containers.list.some(({ image }) => image.id === id)) continue
    images.delete(id)
    for (const [tag, image] of [...tags]) if (image === id) tags.delete(tag)
    watch.tell('pruned', id)
  }
}
