import { present } from '../present.ts'
import type { Instant } from '../vocabulary.ts'

/** The second word is a version number to the phone, so it stays digits and dots. */
export const VERSION = '0.1.0'

/** How a login stands, in a plugin's words. */
export type Authentication = 'ACCEPT' | 'CHALLENGE' | 'REJECT' | 'DECLINED'

type Detail = Readonly<Record<string, unknown>>

/** The JSON frame around every answer to a caller. Source: docs/protocol.md, "Envelope". */
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

/** The frame of what was done. `id` is 2 on `/auth`, check, triggerchallenge and polltransaction, else 1.
 *  An empty detail is left out. */
export function success(
  id: 1 | 2,
  value: unknown,
  more: { readonly authentication?: Authentication | undefined; readonly detail?: Detail | undefined },
  now: Instant,
): Envelope {
  const { authentication, detail } = more
  return {
    id,
    jsonrpc: '2.0',
    result: { status: true, value, ...present({ authentication }) },
    ...(detail === undefined || isEmpty(detail) ? {} : { detail: threaded(detail) }),
    time: now / 1000,
    version: `Nod ${VERSION}`,
    versionnumber: VERSION,
  }
}

/** The frame of a refusal. `detail` is null, or `{}` where the caller's standing was the trouble, or an object. */
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
    detail: detail === null || isEmpty(detail) ? detail : threaded(detail),
    time: now / 1000,
    version: `Nod ${VERSION}`,
  }
}

/** What a value and its detail say of a login, judged in privacyIDEA's order. Source: docs/protocol.md, "Authentication word". */
export function authenticationOf(value: boolean | number, detail: Detail | undefined): Authentication {
  const challenges = detail?.['multi_challenge']
  const challenged = Array.isArray(challenges) && challenges.length > 0
  if (value && !challenged) return 'ACCEPT'
  if (challenged) return 'CHALLENGE'
  const status = detail?.['challenge_status']
  return status === 'declined' || status === 'cancelled' ? 'DECLINED' : 'REJECT'
}

const isEmpty = (detail: Detail): boolean => Object.keys(detail).length === 0

/** Java's client wants an integer here whenever there is a detail; any will do. */
const threaded = (detail: Detail): Detail => ({ ...detail, threadid: 1 })
