import type { Dialect } from './dialect.ts'

// The URI of the QR code: `otpauth://pipush/<label>?…`, or eduMFA's. Order and quoting are those of the recordings. No
// app depends on them, but an operator who compares two servers finds no difference.
// Source: docs/protocol.md, "Enrollment URI" and "eduMFA"; golden 02-enroll-uri-variants.

/** The fields of an enrollment URI. */
export interface EnrollmentUriFields {
  /** `pia` opens only privacyIDEA's app. eduMFA's app has its own scheme. */
  readonly scheme: 'otpauth' | 'pia'
  readonly label: string
  /** The registration URL. The phone uses it for every later request of this token. */
  readonly url: string
  /** Minutes until the app gives up. No other field on the wire is in minutes. */
  readonly ttlMinutes: number
  readonly issuer: string
  readonly credential: string
  readonly image?: string
  readonly serial: string
  readonly sslVerify: boolean
  readonly pollOnly: boolean
  /** Whether the app asks for its own lock before it uses the token: by PIN, unless `forceUnlock` says otherwise. */
  readonly pinLock: boolean
  readonly forceUnlock?: string
}

/** Builds the URI that a phone scans to enroll. */
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
    .map(([name, value]) => `${name}=${percentEncode(value)}`)
  return `${uri.base(scheme)}/${percentEncode(label)}?${query.join('&')}`
}

/** Percent-encodes all but letters, digits, `_.-~` and the slash. */
const percentEncode = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replaceAll(/[!'()*]/g, escape)
    .replaceAll('%2F', '/')

const escape = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`

/** Longest registration URL in characters. A longer one would leave no room for the texts in an FCM message. */
const MAX_URL_LENGTH = 500

/** Normalizes a registration URL to the form that the app keeps, or returns undefined if it has none. The app signs and
 *  verifies over Dart's `Uri.parse(url).toString()`. What that would change must be changed before: scheme and host in
 *  lower case, no default port, no dot segments, unreserved characters decoded, escapes in upper case, and every
 *  character escaped that a path or query may not hold.
 *  Undefined for: other schemes than http and https, no host, credentials, a fragment, `|` (the signed text escapes no
 *  separator), control characters, more than 500 characters.
 *  Source: docs/protocol.md, "Signed text of the prompt". */
export function normalizeRegistrationUrl(text: string): string | undefined {
  const trimmed = text.trim()
  if (/[|\p{Cc}]/u.test(trimmed) || !URL.canParse(trimmed)) return undefined
  const { protocol, username, password, host, hostname, pathname, search, hash } = new URL(trimmed)
  if (protocol !== 'http:' && protocol !== 'https:') return undefined
  if (username !== '' || password !== '' || hash !== '') return undefined
  // The URL standard allows further characters in a host, which Dart would escape.
  if (!/^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/.test(hostname)) return undefined
  const url = `${protocol}//${host}${normalizeEscapes(pathname, PATH_CHARACTER)}${normalizeEscapes(search, QUERY_CHARACTER)}`
  return url.length > MAX_URL_LENGTH ? undefined : url
}

const UNRESERVED = /^[A-Za-z0-9._~-]$/
/** The characters that a path may hold unescaped: RFC 3986 `pchar` and the slash. A query may also hold `?`. */
const PATH_CHARACTER = /^[A-Za-z0-9._~!$&'()*+,;=:@/-]$/
const QUERY_CHARACTER = /^[A-Za-z0-9._~!$&'()*+,;=:@/?-]$/

/** Escapes every character that must be escaped, and decodes unreserved ones. The component is ASCII: the URL parser
 *  has escaped the rest. */
const normalizeEscapes = (component: string, allowed: RegExp): string =>
  component.replaceAll(/%[0-9A-Fa-f]{2}|[^]/g, (part) => {
    if (part.length === 1) return allowed.test(part) ? part : escape(part)
    const character = String.fromCharCode(Number.parseInt(part.slice(1), 16))
    return UNRESERVED.test(character) ? character : part.toUpperCase()
  })
