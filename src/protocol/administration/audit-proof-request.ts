import * as z from 'zod/mini'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { optional, parserOf } from '../parameters.ts'

interface RecordKey {
  readonly at: number
  readonly shard: string
  readonly sequence: number
}
interface LinkKey {
  readonly shard: string
  readonly number: number
}

// A shard's name may be anything here: a row that somebody has planted must not end the list.
const RECORD = /^(\d{1,15}),(.*),(\d{1,16})$/s
const LINK = /^(.*),(\d{1,15})$/s

const wrong = () => refuse({ reason: 'parameter_invalid', name: 'after', why: 'expected `next` of the page before' })

/** Parses the place where a page of raw records begins. Refuses: `parameter_invalid`. */
export const parseRecordPage = parserOf(
  z.object({ after: optional('`next` of the page before', 1024) }),
  ({ after }): Outcome<RecordKey | undefined> => {
    if (after === undefined) return done(undefined)
    const [, at, shard = '', sequence] = RECORD.exec(after) ?? []
    return at === undefined ? wrong() : done({ at: Number(at), shard, sequence: Number(sequence) })
  },
)

/** Parses the place where a page of links begins. Refuses: `parameter_invalid`. */
export const parseLinkPage = parserOf(
  z.object({ after: optional('`next` of the page before', 1024) }),
  ({ after }): Outcome<LinkKey | undefined> => {
    if (after === undefined) return done(undefined)
    const [, shard, number] = LINK.exec(after) ?? []
    return shard === undefined ? wrong() : done({ shard, number: Number(number) })
  },
)

/** Writes the key of the last row of a page as `next`; null after the last page. */
export const nextOf = (last: RecordKey | LinkKey | undefined): string | null =>
  last === undefined
    ? null
    : 'sequence' in last
      ? `${last.at},${last.shard},${last.sequence}`
      : `${last.shard},${last.number}`
