/** Messages and forms that depend on the fields of a refusal. */
import { suggestion } from '../nearest.ts'
import type { Refusal, Rejection } from '../refusal.ts'
import type { Instant, Owner, Seconds } from '../vocabulary.ts'
import type { NoReceipt } from '../vocabulary/receipts.ts'
import { badRequest, notFound, type WireForm } from './wire-form.ts'

const two = (number: number): string => String(number).padStart(2, '0')

/** Spells a list of texts as Python does: `['admin', 'validate']`. */
export const pythonList = (texts: readonly string[]): string => `[${texts.map((text) => `'${text}'`).join(', ')}]`

/** Spells a duration as Python's `timedelta` does: `0:05:00`, `1 day, 0:00:00`. */
export function pythonTimedelta(duration: Seconds): string {
  const days = Math.floor(duration / 86_400)
  const clock = `${Math.floor((duration % 86_400) / 3600)}:${two(Math.floor((duration % 3600) / 60))}:${two(duration % 60)}`
  return days === 0 ? clock : `${days} day${days === 1 ? '' : 's'}, ${clock}`
}

/** The messages of rejected logins that say the same each time. Source: docs/protocol.md, "Errors". */
export const REJECTION_TEXTS = {
  pin_wrong: 'wrong otp pin',
  transaction_unknown: 'wrong otp pin',
  owner_has_no_tokens: 'The user has no tokens assigned',
  no_suitable_token: 'No suitable token found for authentication.',
  pin_attempts_paused: 'Too many wrong PINs. Try again later.',
  source_blocked: 'The user has reported a login from here. Try again later.',
  pin_pending: 'wrong otp pin',
  pin_suspended: 'The user has reported logins by this PIN: they are suspended.',
  attempts_exceeded: 'Failcounter exceeded',
  uses_exceeded: 'Authentication counter exceeded',
  outside_validity: 'Outside validity period',
  enrollment_not_cancelled: 'Failed to cancel enrollment via multichallenge',
} as const satisfies Partial<Record<Rejection['reason'], string>>

/** The messages of what is unavailable now. */
export const UNAVAILABLE_TEXTS = {
  master_key_mismatch: 'Nod refuses to serve: its master key does not fit its database. GET /healthz says more.',
  jurisdiction_mismatch: 'Nod refuses to serve: its objects are in another jurisdiction. GET /healthz says more.',
  too_many_waiting: 'Too many callers wait for a login; ask without waiting.',
  upstream_unavailable: 'The server that this user is moved from does not answer.',
  pin_check_unavailable: 'The PIN cannot be checked now.',
} as const satisfies Partial<Record<Refusal['reason'], string>>

/** The message of `too_many_tokens`. Source: golden 02-enroll-limits. */
export function tooManyTokensText({ per, type, activeOnly }: Refusal & { readonly reason: 'too_many_tokens' }): string {
  const tokens = `${activeOnly ? 'active ' : ''}tokens${type === undefined ? '' : ` of type ${type}`}`
  return `The number of ${tokens} ${per === 'realm' ? 'in this realm' : 'for this user'} is limited!`
}

/** The message of `firebase_unknown`: privacyIDEA's, and what to do about it. */
export const unknownGatewayText = (secret: string): string =>
  `Unknown or incompatible push gateway configuration! Set the secret ${secret}.`

export const NO_DIRECTORY =
  'Nod keeps no directory: users are whom tokens and POST /user/ name; the resolver is built in.'

/** The message of `public_url_missing`. */
export const PUBLIC_URL_MISSING =
  'Set PUBLIC_URL to the address at which phones reach Nod: the QR code would name the host that this request has named.'

/** The message of `storage_unavailable`. */
export function storageText(cause: 'full' | 'outdated' | undefined): string {
  switch (cause) {
    case 'full':
      return 'The catalogue is full: it takes no change until an administrator has made room.'
    case 'outdated':
      return 'The catalogue is older than this version of Nod: its migrations have to be applied. GET /healthz says which.'
    case undefined:
      return 'The catalogue does not answer; try again.'
  }
}

const NO_RECEIPT: Readonly<Record<NoReceipt, string>> = {
  undecided: 'no phone has decided it',
  enrollment: 'a phone was enrolled in it, which answers no prompt',
  notice: 'it is a notice to the phone, which lets nobody in',
  over: 'it ended more than ten minutes ago, and what proves it is kept no longer',
  not_kept: 'an earlier version of Nod opened it or took its answer',
  key_deleted: 'the signing key of its prompt was deleted',
}

/** The message of `receipt_unavailable`. */
export const noReceiptText = (why: NoReceipt): string => `This login has no receipt: ${NO_RECEIPT[why]}.`

/** The message of policies that a login finds not to go together. */
export const combinationText = (
  refusal: Refusal & { readonly reason: 'profile_contradicted' | 'anonymous_enrollment_unconfirmed' },
): string =>
  refusal.reason === 'profile_contradicted'
    ? `The policy '${refusal.profile}' asks for the profile nist-63b4; this falls short of it: ${refusal.shortcoming}.`
    : `The policies '${refusal.passing}' and '${refusal.enrolling}' let a caller without a service key enroll a phone, which nobody has confirmed.`

/** The message of `right_missing`. */
export function missingRightText(scope: 'admin' | 'user', right: string): string {
  const defined = scope === 'admin' ? 'Admin actions are defined, but' : 'User actions are defined,'
  if (/^enroll[A-Z]/.test(right)) return `${defined} you are not allowed to enroll this token type!`
  return `${scope === 'admin' ? defined : `${defined} but`} the action ${right} is not allowed!`
}

/** The message of `signing_key_in_use`. */
export const signingKeyInUseText = (key: string, isCurrent: boolean): string =>
  isCurrent
    ? `New tokens get the signing key ${key}: rotate it first.`
    : `The signing key ${key} still signs the prompts of tokens.`

/** The form of `policy_unknown`. Source: golden 27-policy-api; the renaming was asked of privacyIDEA 3.14. */
export const realmInUseText = (realm: string): string =>
  `The realm ${realm} is the default, or users or tokens are in it, or policies name it.`

export const changedPolicyText = ({ name, by, isGone }: Refusal & { readonly reason: 'policy_changed' }): string =>
  `The policy ${name} has been ${isGone ? 'deleted or renamed' : 'changed'}${by === undefined ? '' : ` by ${by}`} since you read it. Nothing was saved.`

export function unknownPolicyForm({ name, request }: Refusal & { readonly reason: 'policy_unknown' }): WireForm {
  switch (request) {
    case 'switch':
      return notFound(`The policy with name '${name}' does not exist`)
    case 'delete':
      return notFound('The requested Policy could not be found.')
    case 'rename':
      return badRequest(905, `Policy does not exist: ${name}`)
  }
}

/** The message of `realm_unknown`, and what to do about it. */
export function realmUnknownText({
  realm,
  user,
  isSplit,
  nearest,
}: Refusal & { readonly reason: 'realm_unknown' }): string {
  const asLogin = isSplit === undefined ? '' : `, and a parameter realm makes '${user}' a login name of that realm`
  return `Unknown realm '${realm}'.${suggestion(nearest)} POST /realm/${realm} creates it${asLogin}.`
}

/** privacyIDEA's words for the owner of a token. */
export const assignedTokenText = ({ login, realm }: Owner): string =>
  `Token already assigned to user User(login='${login}', realm='${realm}', resolver='nod')`

/** The message of `unused_too_long`: privacyIDEA's, spelling mistake included. */
export const unusedTooLongText = (since: Instant): string =>
  `The last successful authentication was ${new Date(since).toISOString()}. It is to long ago.`

/** The message of `too_many_to_search`. */
export const tooManyToSearchText = ({ most, items }: Refusal & { readonly reason: 'too_many_to_search' }): string =>
  `More than ${most} ${items} would have to be looked through: name a realm, or how the name or serial begins, as well.`

/** The message of `token_type_differs`. */
export const otherTypeText = ({
  serial,
  type,
  requested,
}: Refusal & { readonly reason: 'token_type_differs' }): string =>
  `init token failed: Token ${serial} already exists with type ${type}. ` +
  `Can not initialize token with new type ${requested}`

const REASONS: ReadonlyMap<string, string> = new Map(
  Object.entries(REJECTION_TEXTS)
    .toReversed()
    .map(([reason, text]) => [text, reason]),
)

/** The reason of a refused login whose message the audit has; undefined if the message does not tell. Where two reasons share a message,
 *  the audit names one of them in parentheses. */
export const reasonOfText = (text: string): string | undefined => /\((\w+)\)$/.exec(text)?.[1] ?? REASONS.get(text)
