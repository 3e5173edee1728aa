import { z } from 'zod'
import { KitError } from '../errors.ts'
import type { Unfinished } from './unfinished.ts'

const colour = z.enum(['blue', 'green'])
const SIMPLE = {
  ...{ mode: 'simple' as const, from: '', to: '', worker: '', previous: '' },
  ...{ replicas: 1, gate: '', replays: [] as string[] },
}

/** How workers come to the image. Versions are build ids; `''` stands for an image whose workers register none. */
const Workers = z.object({
  mode: z.enum(['versioned', 'simple']),
  /** The version of the colour that serves, and of the one that is about to. */
  from: z.string().default(''),
  to: z.string().default(''),
  /** What ecomweb_worker and ecomweb_worker_previous run before, where the latter runs anything. */
  worker: z.string().default(''),
  previous: z.string().default(''),
  /** Containers of the version before, beside the new ones. */
  replicas: z.number().default(1),
  /** GATE_WORKFLOW of the image, if it is to be run. */
  gate: z.string().default(''),
  /** Images that can replay what a version is to be relieved of. */
  replays: z.array(z.string()).default([]),
  /** Why it is simple. */
  reason: z.string().optional(),
})
export type Workers = z.infer<typeof Workers>

/**
 * All that a deploy, rollback or switch decides before it acts. It goes into the journal as it begins, and every
 * step is made from it, by this process or by the one that goes on after a crash.
 */
export const Plan = z.object({
  id: z.string(),
  command: z.enum(['up', 'deploy', 'rollback', 'switch', 'contract']),
  /** The image by its id, and by the name that the operator gave. */
  image: z.string(),
  reference: z.string(),
  /** It came from a registry, and can be had again from there. */
  pulled: z.boolean().default(false),
  from: colour,
  to: colour,
  /** The new colour runs and is ready already: only traffic and background work move. */
  warm: z.boolean().default(false),
  /** Values of `.env` before, which undoing brings back. */
  before: z.record(z.string(), z.string()),
  /** Shares of traffic in %, each watched for `canary_step` ms; then all of it, watched for `soak` ms. */
  canary: z.array(z.int().min(1).max(99)).default([]),
  canary_step: z.number().default(0),
  soak: z.number().default(0),
  /** A recorded release whose files come back first. */
  restore: z.string().optional(),
  /** haproxy.cfg is not what HAProxy runs with. */
  reload_edge: z.boolean().default(false),
  /** Executables of hooks/ that were there when it began. */
  hooks: z.array(z.string()).default([]),
  /** Migrations that this applies: expand ones, or the contract ones of `migrate contract`. */
  migrations: z.array(z.string()).default([]),
  /** Whether the new image replays workflows that run, or why not; absent where that is no part of the plan. */
  replay: z.enum(['gate', 'by_flag', 'undeclared']).optional(),
  /** A plan of the release before says nothing of it, and moved workers and cron together. */
  workers: Workers.default({ ...SIMPLE, reason: 'begun by the release before' }),
  /** All migrations that the image carries. */
  shipped: z.array(z.object({ name: z.string(), contract: z.boolean() })).default([]),
  /** Who began it, and its process. */
  by: z.string().default(''),
  pid: z.number().default(0),
})
export type Plan = z.infer<typeof Plan>

/** Workers without versions: those of the old image end, then those of the new one begin. */
export const simple = (reason: string): Workers => ({ ...SIMPLE, reason })

/** The plan of a command that was cut off. Errors: it was written by another version of the kit. */
export function planOf({ begin, id }: Unfinished): Plan {
  const parsed = Plan.safeParse(begin.plan)
  if (parsed.success) return parsed.data
  throw new KitError(`${begin.command} ${id} was begun by another version of the kit`, {
    why: 'its plan cannot be read',
    next: './ecomweb status shows where things stand; ./ecomweb switch COLOUR settles which colour serves',
  })
}
