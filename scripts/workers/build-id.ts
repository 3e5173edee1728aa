import type { ApplicationImage } from '../docker/application-image.ts'

/** The variable by which an image says that its workers register versions, and how one is tried. */
const GATE = 'GATE_WORKFLOW'

/**
 * The version of an image's workers in Temporal: the first twelve digits of its id or digest, else its reference in
 * the characters that a version may have. volumes/backend-api/startup.sh says the same to the containers.
 */
export const buildIdOf = (reference: string): string =>
  /sha256:([0-9a-f]{12})/.exec(reference)?.[1] ?? reference.replace(/[^A-Za-z0-9_-]/g, '-')

/** The version that an image has in Temporal by the reference that `.env` names it by; `''` where it registers none. */
export const versionOf = (reference: string, { variables }: Pick<ApplicationImage, 'variables'>): string =>
  variables[GATE] ? buildIdOf(reference) : ''

export const gateOf = ({ variables }: Pick<ApplicationImage, 'variables'>): string => variables[GATE] ?? ''

/** A version in words. */
export const inWords = (buildId: string): string =>
  buildId === '' ? 'the workers without a version' : `version ${buildId}`
