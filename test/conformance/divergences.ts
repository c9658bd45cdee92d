/** Where a peer is known to differ, claim by claim, and why. A run fails when another difference shows, and when one of
 *  these no longer does. */
import type { PeerKind } from './options.ts'

export interface Divergence {
  readonly statement: number
  /** The words of the statement. */
  readonly claim: string
  readonly why: string
  /** Depends on chance: its absence proves nothing. */
  readonly sometimes?: true
}

const NO_WAIT =
  'a trigger waits for FCM only where the push before failed, so the first failure is not known yet; DELIVERY_WAIT_MS makes every trigger wait'
const ONE_TEXT =
  'whatever fields came are joined to the text that must be signed, so a signed decline can be sent as an approval'
const RACE = 'finalizing is not atomic: what is read by one request may be used up by another'

export const DIVERGENCES: Readonly<Record<PeerKind, readonly Divergence[]>> = {
  nod: [
    { statement: 43, claim: '503: the hint', why: NO_WAIT, sometimes: true },
    { statement: 43, claim: '404: the hint', why: NO_WAIT, sometimes: true },
  ],
  privacyidea: [
    { statement: 9, claim: 'as Bearer', why: 'only the bare JWT is taken' },
    { statement: 13, claim: 'without any policy it enrolls', why: 'both enrollment policies are always required' },
    { statement: 33, claim: 'with presence_answer', why: ONE_TEXT },
    { statement: 33, claim: 'with presence_answer: no login', why: ONE_TEXT },
    { statement: 33, claim: 'no option may be called decline', why: ONE_TEXT },
    { statement: 50, claim: 'one success', why: RACE, sometimes: true },
    { statement: 50, claim: 'no error', why: RACE, sometimes: true },
  ],
}
