import type { Dialect } from './dialect.ts'

// The URI behind the QR code: `otpauth://pipush/<label>?…`, or eduMFA's. Order and quoting are as recorded; an app compares nothing,
// but an operator who compares two servers should find no difference. Source: docs/protocol.md, "Enrollment URI" and "eduMFA", golden 02-enroll-uri-variants.

/** What an enrollment URI says. */
export interface EnrollmentUriFields {
  /** `pia` is opened by no other app on the phone; eduMFA's app has a scheme of its own. */
  readonly scheme: 'otpauth' | 'pia'
  readonly label: string
  /** The registration URL, which stays the token's address for good. */
  readonly url: string
  /** Minutes until the app gives up: the one place where this wire counts in them. */
  readonly ttlMinutes: number
  readonly issuer: string
  readonly credential: string
  readonly image?: string | undefined
  readonly serial: string
  readonly sslVerify: boolean
  readonly pollOnly: boolean
  /** The app asks for its own lock before the token may be used; by its PIN, unless `forceUnlock` says else. */
  readonly pinLock: boolean
  readonly forceUnlock?: string | undefined
}

/** The URI a phone scans to enroll. */
export function enrollmentUri({ uri }: Dialect, enrollment: EnrollmentUriFields): string {
  const { scheme, label, pinLock, image } = enrollment
  const unlock = enrollment.forceUnlock ?? (pinLock ? 'pin' : undefined)
  const fields: [string, string][] = [
    ['url', enrollment.url],
    ['ttl', String(enrollment.ttlMinutes)],
    ['issuer', enrollment.issuer],
    ['enrollment_credential', enrollment.credential],
  ]
  if (image !== undefined && image !== '') fields.push(['image', image])
  fields.push(
    ['v', '1'],
    ['serial', enrollment.serial],
    ['sslverify', enrollment.sslVerify ? '1' : '0'],
    ['poll_only', enrollment.pollOnly ? 'True' : 'False'],
  )
  if (pinLock) fields.push(['pin', 'True'])
  if (unlock !== undefined) fields.push(['app_force_unlock', unlock])
  const query = fields
    .filter(([name]) => !uri.omittedParameters.includes(name))
    .map(([name, value]) => `${name}=${quoted(value)}`)
  return `${uri.base(scheme)}/${quoted(label)}?${query.join('&')}`
}

/** Percent-encoding that leaves letters, digits, `_.-~` and the slash. */
const quoted = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replaceAll(/[!'()*]/g, escaped)
    .replaceAll('%2F', '/')

const escaped = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`

/** A longer registration URL would leave an FCM message no room for its texts. */
const URL_LENGTH = 500

/** A registration URL in the one form that survives the app, or undefined if it has none.
 *  The app signs and verifies over Dart's `Uri.parse(url).toString()`, so what that would change must already be
 *  changed: scheme and host in lower case, no default port, no dot segments, unreserved characters decoded, escapes in
 *  upper case, everything else that a path or query may not hold encoded.
 *  Refuses: what is not http or https with a host, credentials, a fragment, `|` (the signed text escapes no
 *  separator), control characters, more than 500 characters. Source: docs/protocol.md, "Signed text of the prompt". */
export function normalizeRegistrationUrl(text: string): string | undefined {
  const trimmed = text.trim()
  if (/[|\p{Cc}]/u.test(trimmed) || !URL.canParse(trimmed)) return undefined
  const { protocol, username, password, host, hostname, pathname, search, hash } = new URL(trimmed)
  if (protocol !== 'http:' && protocol !== 'https:') return undefined
  if (username !== '' || password !== '' || hash !== '') return undefined
  // further characters pass the URL standard's parser, and Dart would escape them
  if (!/^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/.test(hostname)) return undefined
  const url = `${protocol}//${host}${settled(pathname, PATH_STAYS)}${settled(search, QUERY_STAYS)}`
  return url.length > URL_LENGTH ? undefined : url
}

const UNRESERVED = /^[A-Za-z0-9._~-]$/
/** RFC 3986 `pchar` and the slash; and what a query may hold besides. */
const PATH_STAYS = /^[A-Za-z0-9._~!$&'()*+,;=:@/-]$/
const QUERY_STAYS = /^[A-Za-z0-9._~!$&'()*+,;=:@/?-]$/

/** The component with each character either as it must be or escaped. It is ASCII: the parser saw to that. */
const settled = (component: string, stays: RegExp): string =>
  component.replaceAll(/%[0-9A-Fa-f]{2}|[^]/g, (part) => {
    if (part.length === 1) return stays.test(part) ? part : escaped(part)
    const character = String.fromCharCode(Number.parseInt(part.slice(1), 16))
    return UNRESERVED.test(character) ? character : part.toUpperCase()
  })
