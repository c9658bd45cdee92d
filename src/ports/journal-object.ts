/** What the Durable Object `journal` is asked. There is one in the deployment. It remembers outside of D1 what D1 forgets when it
 *  is put back to an earlier state, and does the deployment's housekeeping. */
import type { Instant, Owner } from '../vocabulary.ts'
import type { CatalogueVersion } from './catalogue.ts'
import { type ObjectOf, verb } from './object-verbs.ts'
import type { Revision } from '../vocabulary.ts'

/** The revision a change gave the catalogue, and the one before it. */
export interface ChangeVersion extends CatalogueVersion {
  readonly previous: Revision
}

/** A change of the catalogue: who, what, when. */
export interface ReportedChange extends ChangeVersion {
  readonly at: Instant
  /** As in the audit, `POST /token/disable/<serial>`; of a phone's own change `register phone` or `refresh registration`. */
  readonly action: string
  /** Absent when a phone changed its token. */
  readonly administrator?: string
  readonly serial?: string
  readonly owner?: Owner
  /** What was changed, if not a token. */
  readonly info?: string
}

export const JOURNAL_VERBS = {
  /** Keeps the change for 30 days. */
  record: verb<ReportedChange, void>('repeat'), // by its revision
  /** Makes sure that the hourly round of housekeeping goes on. */
  keepRound: verb<void, void>('repeat'),
} as const

export type JournalObject = ObjectOf<typeof JOURNAL_VERBS>
