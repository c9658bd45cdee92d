import type { Instant } from '../vocabulary.ts'
import { VERSION } from './version.ts'

/** The outcome of a login, as plugins read it. */
export type Authentication = 'ACCEPT' | 'CHALLENGE' | 'REJECT' | 'DECLINED'

type Detail = Readonly<Record<string, unknown>>

/** The JSON frame around every response. Source: docs/protocol.md, "Envelope". */
export interface Envelope {
  readonly id: 1 | 2
  readonly jsonrpc: '2.0'
  readonly result:
    | { readonly status: true; readonly value: unknown; readonly authentication?: Authentication }
    | { readonly status: false; readonly error: { readonly code: number; readonly message: string } }
  readonly detail?: Detail | null
  /** Seconds since the epoch, with a fraction. */
  readonly time: number
  readonly version: string
  readonly versionnumber?: string
}

/** Builds the envelope of a result. `id` is 2 on `/auth`, check, triggerchallenge and polltransaction, else 1. An empty
 *  detail is left out. */
export function success(
  id: 1 | 2,
  value: unknown,
  more: { readonly authentication?: Authentication; readonly detail?: Detail },
  now: Instant,
): Envelope {
  const { authentication, detail } = more
  return {
    id,
    jsonrpc: '2.0',
    result: { status: true, value, authentication },
    ...(detail === undefined || isEmpty(detail) ? {} : { detail: withThreadId(detail) }),
    time: now / 1000,
    version: `Nod ${VERSION}`,
    versionnumber: VERSION,
  }
}

/** Builds the envelope of an error. `detail` is null, `{}` for errors about the caller's credential, or an object. */
export function failure(
  code: number,
  message: string,
  more: { readonly detail: null | Detail },
  now: Instant,
): Envelope {
  const { detail } = more
  return {
    id: 1,
    jsonrpc: '2.0',
    result: { status: false, error: { code, message } },
    detail: detail === null || isEmpty(detail) ? detail : withThreadId(detail),
    time: now / 1000,
    version: `Nod ${VERSION}`,
  }
}

/** Derives the outcome of a login from value and detail, in privacyIDEA's order. Source: docs/protocol.md,
 *  "Authentication word". */
export function authenticationOf(value: boolean | number, detail: Detail | undefined): Authentication {
  const challenges = detail?.['multi_challenge']
  const hasChallenges = Array.isArray(challenges) && challenges.length > 0
  if (value && !hasChallenges) return 'ACCEPT'
  if (hasChallenges) return 'CHALLENGE'
  const status = detail?.['challenge_status']
  return status === 'declined' || status === 'cancelled' ? 'DECLINED' : 'REJECT'
}

const isEmpty = (detail: Detail): boolean => Object.keys(detail).length === 0

/** The Java client requires an integer `threadid` in every detail; its value does not matter. */
const withThreadId = (detail: Detail): Detail => ({ ...detail, threadid: 1 })
