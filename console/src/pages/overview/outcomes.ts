import type { ValueOf } from '../../../../client/src/index.ts'
import type { Look } from '../../parts/texture.tsx'

export type Overview = ValueOf<'GET /report/overview'>
export type Outcome = keyof Overview['logins']['outcomes']

/** The outcomes in the order in which they are stacked, each with a look of its own. */
export const OUTCOMES: readonly (readonly [Outcome, Look])[] = [
  ['accepted', { class: 'fill-accepted' }],
  ['bypass', { class: 'fill-other' }],
  ['enrolled', { class: 'fill-other', texture: 'hatched' }],
  ['tokenless', { class: 'fill-other', texture: 'dotted' }],
  ['unfinished', { class: 'fill-unfinished', texture: 'dotted' }],
  ['declined', { class: 'fill-declined' }],
  ['cancelled', { class: 'fill-cancelled', texture: 'hatched' }],
  ['not_me', { class: 'fill-not_me' }],
  ['expired', { class: 'fill-expired' }],
  ['failed', { class: 'fill-failed', texture: 'hatched' }],
  ['refused', { class: 'fill-refused', texture: 'dotted' }],
]

/** Outcomes by which the user got in. */
export const SUCCESSES: readonly Outcome[] = ['accepted', 'bypass', 'enrolled', 'tokenless']

/** The outcomes by which a user got in, and all others, as the API takes them. */
export const LET_IN = SUCCESSES.join(',')
export const NOT_LET_IN = OUTCOMES.flatMap(([name]) => (SUCCESSES.includes(name) ? [] : [name])).join(',')
