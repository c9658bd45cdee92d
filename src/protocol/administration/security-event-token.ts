/** Security event tokens: what is said of each event, and how it is signed. Source: RFC 8417, RFC 9493, docs/webhooks.md. */
import { CompactSign } from 'jose'
import { present } from '../../present.ts'
import type { Instant, Owner } from '../../vocabulary.ts'
import type { SecurityEvent } from '../../vocabulary/security-events.ts'

/** Sent when somebody tests a webhook. */
export interface VerificationEvent {
  readonly type: 'verification'
  readonly id: string
  readonly at: Instant
}

export type PushedEvent = SecurityEvent | VerificationEvent

/** Nod's own types of events. */
const OWN = 'urn:nod:event:'
/** Types of OpenID's Shared Signals: CAEP 1.0, RISC 1.0, SSF 1.0. */
const OPENID = 'https://schemas.openid.net/secevent/'

type Json = Readonly<Record<string, unknown>>

/** For whom a token is, and of whom it comes. */
interface TokenParties {
  readonly issuer: string
  readonly audience: string
  /** The webhook's id. */
  readonly webhook: string
  /** When the event was reported. */
  readonly keptAt: Instant
}

/** The claims of the token that this webhook gets for this event: the same however often it is sent. */
export const eventClaims = (event: PushedEvent, { issuer, audience, webhook, keptAt }: TokenParties): Json => ({
  iss: issuer,
  aud: audience,
  iat: inSeconds(keptAt),
  jti: `${event.id}.${webhook}`,
  toe: inSeconds(event.at),
  ...(event.type === 'verification' ? {} : present({ txn: event.transaction })),
  sub_id: subjectOf(event, issuer, webhook),
  events: statementsOf(event),
})

const inSeconds = (at: Instant): number => Math.floor(at / 1000)

/** Whom the event is about: a user with realm and token, an administrator, or the deployment itself. */
function subjectOf(event: PushedEvent, issuer: string, webhook: string): Json {
  if (event.type === 'verification') return opaque(webhook)
  if (event.type === 'key_rotated') return { format: 'uri', uri: issuer }
  const { owner, serial, service, administrator } = event
  const name = owner?.login ?? (serial === undefined ? administrator : undefined)
  return {
    format: 'complex',
    ...present({
      user: name === undefined ? undefined : { format: 'iss_sub', iss: issuer, sub: name },
      tenant: owner && opaque(realmOf(owner)),
      device: serial === undefined ? undefined : opaque(serial),
      application: service === undefined ? undefined : opaque(service),
    }),
  }
}

const opaque = (id: string): Json => ({ format: 'opaque', id })
const realmOf = ({ realm }: Owner): string => realm.toLowerCase()

/** What has happened, by the URI of its type. Two types describe the same event. */
function statementsOf(event: PushedEvent): Json {
  if (event.type === 'verification') return { [`${OPENID}ssf/event-type/verification`]: { state: event.id } }
  const { at, address, owner, serial, administrator } = event
  const isAboutUser = owner !== undefined || serial !== undefined
  const facts = {
    event_timestamp: inSeconds(at),
    ...present({ address, administrator: isAboutUser ? administrator : undefined }),
  }
  switch (event.type) {
    case 'not_me': {
      const { pinKnown, consequence } = event
      const own = { [`${OWN}not-me`]: { ...facts, pin_known: pinKnown, consequence } }
      const compromised = { [`${OPENID}risc/event-type/credential-compromise`]: { ...facts, credential_type: 'pin' } }
      return pinKnown ? { ...own, ...compromised } : own
    }
    case 'new_phone':
      return newPhone(event, { ...facts, ...present({ initiating_entity: initiatorOf(event) }) })
    case 'key_rotated':
      return { [`${OWN}key-rotated`]: { ...facts, ...present({ administrator }), key: event.key, key_id: event.keyId } }
    case 'lockout':
    case 'bypass_code_used':
    case 'administrator_new_place':
    case 'break_glass_used':
    case 'administrator_without_second_factor':
      return { [OWN + event.type.replaceAll('_', '-')]: facts }
  }
}

/** Who made the change, where that is known. */
function initiatorOf({
  change,
  administrator,
}: PushedEvent & { readonly type: 'new_phone' }): 'user' | 'admin' | undefined {
  if (administrator !== undefined) return 'admin'
  return change === 'undone' || change === 'not_undone' ? 'user' : undefined
}

const CHANGES = {
  enrolled: ['create', 'A phone was enrolled.'],
  re_enrolled: ['update', 'A phone was enrolled again.'],
  enabled: ['update', 'A phone was enabled.'],
  assigned: ['update', 'A phone was assigned to the user.'],
  undone: ['revoke', 'The user said on another phone that it was not theirs.'],
} as const

function newPhone({ change, serial }: Extract<SecurityEvent, { readonly type: 'new_phone' }>, facts: Json): Json {
  if (change === 'bypass_code_issued') return { [`${OWN}bypass-code-issued`]: facts }
  const isDenial = change === 'undone' || change === 'not_undone'
  const denial = isDenial ? { [`${OWN}new-phone-denied`]: { ...facts, undone: change === 'undone' } } : {}
  // Without a token it was a bypass code, for which CAEP has no type.
  if (change === 'not_undone' || serial === undefined) return denial
  const [change_type, reason] = CHANGES[change]
  const statement = { ...facts, credential_type: 'app', change_type, reason_admin: { en: reason } }
  return { ...denial, [`${OPENID}caep/event-type/credential-change`]: statement }
}

/** Signs the claims: a JWT in compact form, ES256. `key`: ECDSA over P-256. */
export const signEventToken = (key: CryptoKey, kid: string, claims: Json): Promise<string> =>
  new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'ES256', typ: 'secevent+jwt', kid })
    .sign(key)
