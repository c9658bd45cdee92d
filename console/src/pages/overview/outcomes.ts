import type { ValueOf } from '../../../../client/src/index.ts'

export type Overview = ValueOf<'GET /report/overview'>
export type Outcome = keyof Overview['logins']['outcomes']

/** The outcomes in the order in which they are stacked, each with the class that colours it. */
export const OUTCOMES: readonly (readonly [Outcome, string])[] = [
  ['accepted', 'fill-accepted'],
  ['bypass', 'fill-other'],
  ['enrolled', 'fill-other'],
  ['tokenless', 'fill-other'],
  ['unfinished', 'fill-unfinished'],
  ['declined', 'fill-declined'],
  ['cancelled', 'fill-declined'],
  ['not_me', 'fill-not_me'],
  ['expired', 'fill-expired'],
  ['failed', 'fill-not_me'],
  ['refused', 'fill-refused'],
]

/** Outcomes by which the user got in. */
export const SUCCESSES: readonly Outcome[] = ['accepted', 'bypass', 'enrolled', 'tokenless']
