import * as z from 'zod/mini'
import { done, type Outcome } from '../../refusal.ts'
import type { Instant } from '../../vocabulary.ts'
import { flag, optional, parserOf } from '../parameters.ts'
import { integer, listOf, mapOf, object, oneOf, orNull, string } from '../shape.ts'

const rotationSchema = z.object({
  after: optional('`next` of the step before; absent in the first one', 300),
  compromised: flag('1: somebody else knows the key before'),
})

interface RotationFields {
  readonly after: string | undefined
  readonly compromised: boolean
}

/** Parses a step of a rotation of the master key. Refuses: `parameter_invalid`. */
export const parseRotation = parserOf(rotationSchema, ({ after, compromised }): Outcome<RotationFields> =>
  done({ after, compromised }),
)

interface ListedKey {
  readonly id: string
  readonly variable?: string | undefined
  readonly firstSeen: Instant
  readonly currentSince?: Instant | undefined
  readonly unusedSince?: Instant | undefined
  readonly compromisedAt?: Instant | undefined
}

/** The master keys of a deployment as `GET /deployment/keys/master` shows them: by fingerprint. */
export const masterKeyItems = (status: {
  readonly current?: string | undefined
  readonly keys: readonly ListedKey[]
  readonly remaining: Readonly<Record<string, number>>
}) => ({
  current: status.current ?? null,
  keys: status.keys.map(({ id, variable, firstSeen, currentSince, unusedSince, compromisedAt }) => ({
    id,
    variable: variable ?? null,
    first_seen: firstSeen,
    current_since: currentSince ?? null,
    unused_since: unusedSince ?? null,
    compromised_at: compromisedAt ?? null,
  })),
  remaining: status.remaining,
})

export const masterKeysShape = object({
  current: orNull(string('Id of the key that seals and signs')),
  keys: listOf(
    object({
      id: string('Fingerprint of the key, 12 hexadecimal digits'),
      variable: oneOf('Where it is configured', 'MASTER_KEY', 'MASTER_KEY_PREVIOUS', null),
      first_seen: integer('When it was first configured, in milliseconds since the epoch'),
      current_since: orNull(integer('When it became current; null: it never was')),
      unused_since: orNull(integer('Since when nothing is sealed with it')),
      compromised_at: orNull(integer('When it was reported as known to somebody else')),
    }),
  ),
  remaining: mapOf(integer('Values'), 'By table: how many values are not sealed with MASTER_KEY'),
})

export const rotationShape = object(
  {
    phase: oneOf('What the step did, or waits for', 'waiting', 'resealing', 'settling', 'done'),
    key: string('Id of the new key'),
  },
  {
    retry_after: integer('waiting, settling: seconds until the next step may succeed'),
    resealed: integer('resealing: how many values were sealed anew'),
    next: string('resealing: where the next step begins; absent: at the beginning'),
    unreadable: listOf(string('Identity of a value that opens with neither key'), 'done'),
  },
)
