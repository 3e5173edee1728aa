import type { Colour } from '../stack/colours.ts'

/**
 * The executables that the kit looks for in `hooks/`. One that `aborts` stops the command when it fails, so that
 * everything done until then is undone; the others come after the decision and only warn.
 */
export const HOOKS = {
  'pre-deploy': { aborts: true, when: 'after the plan is confirmed, before anything changes' },
  'post-migrate': { aborts: true, when: 'after the migrations, before the idle colour starts' },
  smoke: {
    aborts: true,
    when: 'the idle colour is ready and the smoke requests passed; no user sees it yet',
  },
  'pre-switch': { aborts: true, when: 'after the last canary weight, before all traffic moves' },
  'post-switch': {
    aborts: true,
    when: 'all traffic and the background have moved; a failure moves them back',
  },
  'post-deploy': { aborts: false, when: 'the release is live and recorded' },
  rollback: { aborts: false, when: 'traffic is back on the earlier release, by itself or by command' },
  failure: { aborts: false, when: 'a command ended without what it was asked for, or was undone' },
} as const satisfies Record<string, { aborts: boolean; when: string }>

export type HookName = keyof typeof HOOKS

/** What is known when a hook runs. */
export type HookFacts = {
  /** The id of this deploy or rollback in the journal. */
  release: string
  command: string
  /** The image id that goes live. */
  image: string
  /** The image as it was asked for. */
  reference?: string
  /** The colour that served before, and the one that shall. */
  from: Colour
  to: Colour
  /** The edge, from this host. */
  url: string
  /** Who typed the command. */
  by?: string
  /** Opens the preview; only `smoke` is given it. */
  token?: string
  /** How it ended, and why when not well. */
  result?: string
  reason?: string
}

type Variable = { says: string; value: (facts: HookFacts, hook: HookName) => string | undefined }

/** The environment of a hook, beside that of `./ecomweb` itself; what is not known yet is not set. */
export const ENVIRONMENT: Record<string, Variable> = {
  ECOMWEB_HOOK: { says: 'name of the hook that runs', value: (_facts, hook) => hook },
  ECOMWEB_RELEASE: { says: 'id as in `./ecomweb history`', value: ({ release }) => release },
  ECOMWEB_COMMAND: { says: 'deploy, rollback, switch or contract', value: ({ command }) => command },
  ECOMWEB_IMAGE: { says: 'id of the image that goes live', value: ({ image }) => image },
  ECOMWEB_REFERENCE: { says: 'the image as it was typed', value: ({ reference }) => reference },
  ECOMWEB_FROM: { says: 'colour that served before', value: ({ from }) => from },
  ECOMWEB_TO: { says: 'colour that gets the traffic', value: ({ to }) => to },
  ECOMWEB_URL: { says: 'the edge, from this host', value: ({ url }) => url },
  ECOMWEB_BY: { says: 'user who typed it', value: ({ by }) => by },
  ECOMWEB_COLOUR: {
    says: 'smoke only: colour to test, for the header X-Ecomweb-Colour',
    value: ({ to }, hook) => (hook === 'smoke' ? to : undefined),
  },
  ECOMWEB_PREVIEW_TOKEN: {
    says: 'smoke only: secret for the header X-Ecomweb-Preview',
    value: ({ token }, hook) => (hook === 'smoke' ? token : undefined),
  },
  ECOMWEB_RESULT: {
    says: 'post-deploy, rollback and failure: how it ended, as in `./ecomweb history`',
    value: ({ result }) => result,
  },
  ECOMWEB_REASON: {
    says: 'rollback and failure: why, in one line',
    value: ({ reason }) => reason?.split('\n')[0],
  },
}

export const isHookName = (name: string): name is HookName => Object.hasOwn(HOOKS, name)

/** The variables of one hook. */
export const hookEnvironment = (hook: HookName, facts: HookFacts): Record<string, string> =>
  Object.fromEntries(
    Object.entries(ENVIRONMENT).flatMap(([name, { value }]) => {
      const given = value(facts, hook)
      return given === undefined ? [] : [[name, given]]
    }),
  )
