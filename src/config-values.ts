/** Reads single settings: each reader returns the value or the fault, and quotes nothing of the value. */
import { decodeBase64 } from './bytes.ts'
import { passwordFault } from './passwords/rule.ts'
import type { Bytes } from './vocabulary.ts'
import { type Jurisdiction, JURISDICTIONS } from './vocabulary/jurisdictions.ts'

export type SigningKeyBits = 2048 | 3072 | 4096

export type ServiceAccount = Readonly<
  Record<'projectId' | 'clientEmail' | 'privateKey' | 'privateKeyId' | 'tokenUri', string>
>

/** A setting's value, or its fault. The value is never quoted, because anything may be a misplaced secret. */
export type ReadSetting<T> = { readonly value: T } | { readonly fault: string }

export const MAKE_KEY = 'make one with `openssl rand -base64 32`'

export function readKey(text: string): ReadSetting<Bytes> {
  const bytes = decodeBase64(text.replaceAll(/\s/g, ''))
  if (bytes === undefined) return { fault: `not base64 (${shape(text)}); ${MAKE_KEY}` }
  if (bytes.length !== 32) return { fault: `${bytes.length} bytes (${shape(text)}), expected 32; ${MAKE_KEY}` }
  return { value: bytes }
}

export const readLogin = (text: string): ReadSetting<string> =>
  text === text.trim() && !/\p{Cc}/u.test(text)
    ? { value: text }
    : { fault: `has spaces around it or control characters (${shape(text)}); expected a login name` }

/** Reads the password of the administrator with this login. */
export const readPassword =
  (login: string | undefined) =>
  (text: string): ReadSetting<string> => {
    const fault = passwordFault(text, login ?? '')
    return fault === undefined ? { value: text } : { fault: `${fault}; make one with \`openssl rand -base64 18\`` }
  }

const LONG_SECRET = 32

/** Reads a secret that nobody types often. */
export const readSecret = (text: string): ReadSetting<string> =>
  text.trim().length >= LONG_SECRET
    ? { value: text.trim() }
    : { fault: `${shape(text)}, expected ${LONG_SECRET} or more; make one with \`openssl rand -base64 32\`` }

export function readBaseUrl(text: string): ReadSetting<string> {
  const url = URL.parse(text.trim())
  if (url === null || !/^https?:$/.test(url.protocol))
    return { fault: `not an http or https URL (${shape(text)}); expected for example https://nod.example.com` }
  if (url.username !== '' || url.password !== '') return { fault: 'a URL with a login in it; expected one without' }
  if (url.search !== '' || url.hash !== '') return { fault: 'a URL with a query or fragment; expected one without' }
  return { value: (url.origin + url.pathname).replace(/\/+$/, '') }
}

/** A query may be in it, such as the token of a webhook. */
export function readHttpsUrl(text: string): ReadSetting<string> {
  const url = URL.parse(text.trim())
  if (url?.protocol !== 'https:')
    return { fault: `not an https URL (${shape(text)}); expected for example https://log.example.com/nod` }
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return { fault: 'a URL with a login or a fragment in it; expected one without' }
  return { value: url.href }
}

/** `upstream`, or an address that only the machine itself may have without TLS: passwords are sent there. */
export function readCheckUrl(text: string): ReadSetting<string> {
  if (text.trim() === 'upstream') return { value: 'upstream' }
  const url = URL.parse(text.trim())
  const isOwn = url?.protocol === 'http:' && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
  return isOwn && url.username === '' && url.hash === '' ? { value: url.href } : readHttpsUrl(text)
}

export const readKeyBits = (text: string): ReadSetting<SigningKeyBits> => {
  const bits = ([2048, 3072, 4096] as const).find((one) => String(one) === text.trim())
  return bits === undefined
    ? { fault: `not a size known here (${shape(text)}); expected 2048, 3072 or 4096` }
    : { value: bits }
}

export function readAllow(text: string): ReadSetting<boolean> {
  const word = text.trim().toLowerCase()
  return word === 'allow' || word === 'deny'
    ? { value: word === 'allow' }
    : { fault: `neither allow nor deny (${shape(text)}); expected deny, unless anybody may ask about PINs` }
}

export function readSwitch(text: string): ReadSetting<boolean> {
  const word = text.trim().toLowerCase()
  return word === 'on' || word === 'off' ? { value: word === 'on' } : { fault: `neither on nor off (${shape(text)})` }
}

/** `cloudflare` is true. */
export function readEdge(text: string): ReadSetting<boolean> {
  const word = text.trim().toLowerCase()
  return word === 'cloudflare' || word === 'none'
    ? { value: word === 'cloudflare' }
    : { fault: `neither cloudflare nor none (${shape(text)}); expected none where Nod does not run on Cloudflare` }
}

export const readHeaderName = (text: string): ReadSetting<string> =>
  /^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(text.trim())
    ? { value: text.trim() }
    : { fault: `not the name of a header (${shape(text)}); expected for example X-Real-IP` }

const isHeader = ([name, value]: [string, unknown]): boolean =>
  'value' in readHeaderName(name) && typeof value === 'string' && /^[\t\x20-\x7e]{0,4000}$/.test(value)

/** Reads headers that are sent with requests: a JSON object of names and values. */
export function readHeaders(text: string): ReadSetting<Readonly<Record<string, string>>> {
  const fields = parseObject(text)
  const expected = 'expected JSON such as {"X-Gate": "…"}'
  if (fields === undefined) return { fault: `not a JSON object (${shape(text)}); ${expected}` }
  return Object.entries(fields).every(isHeader)
    ? { value: fields as Readonly<Record<string, string>> }
    : { fault: `a name or value in it that no header has (${shape(text)}); ${expected}` }
}

/** Whether old audit records are archived before they are deleted; `auto`: where a bucket is bound. */
export type ArchiveMode = 'auto' | 'required' | 'off'

export const MAKE_BUCKET =
  'make one with `npx wrangler r2 bucket create nod-audit` and bind it in wrangler.toml, where the block stands as a comment'

export function readArchiveMode(text: string): ReadSetting<ArchiveMode> {
  const word = (['auto', 'required', 'off'] as const).find((one) => one === text.trim().toLowerCase())
  return word === undefined
    ? { fault: `not auto, required or off (${shape(text)}); expected auto: archive where a bucket is bound` }
    : { value: word }
}

export function readJurisdiction(text: string): ReadSetting<Jurisdiction> {
  const word = JURISDICTIONS.find((one) => one === text.trim().toLowerCase())
  return word === undefined
    ? { fault: `not one of ${JURISDICTIONS.join(', ')} (${shape(text)}); remove it for no jurisdiction` }
    : { value: word }
}

export const readNumberIn =
  (least: number, most: number) =>
  (text: string): ReadSetting<number> => {
    const value = /^\d{1,9}$/.test(text.trim()) ? Number(text.trim()) : Number.NaN
    return value >= least && value <= most
      ? { value }
      : { fault: `not a whole number in range (${shape(text)}); expected ${least} to ${most}` }
  }

export function readOrigins(text: string): ReadSetting<readonly string[]> {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const origins = parts.map((part) => (part === '*' ? part : readOrigin(part)))
  const wrong = origins.indexOf(undefined)
  if (wrong !== -1)
    return {
      fault: `entry ${wrong + 1} is no origin (${shape(parts[wrong] ?? '')}); expected https://host[:port] or *`,
    }
  return { value: [...new Set(origins.filter((one) => one !== undefined))] }
}

function readOrigin(text: string): string | undefined {
  const base = readBaseUrl(text)
  return 'value' in base && URL.parse(base.value)?.origin === base.value ? base.value : undefined
}

const KEY_FILE = 'expected the service account key file'
const FIELDS = ['project_id', 'client_email', 'private_key', 'private_key_id', 'token_uri'] as const

/** Source: docs/protocol.md, "Google access token". Whether Google knows the account shows with the first message. */
export function readServiceAccount(text: string): ReadSetting<ServiceAccount> {
  const file = parseObject(text)
  if (file === undefined) return { fault: `not JSON (${shape(text)}); ${KEY_FILE}` }
  if ('project_info' in file) return { fault: `looks like google-services.json, which is the app’s; ${KEY_FILE}` }
  if (file['type'] !== 'service_account') return { fault: `JSON whose type is not service_account; ${KEY_FILE}` }
  const field = (name: string): string => (typeof file[name] === 'string' ? file[name].trim() : '')
  const missing = FIELDS.filter((name) => field(name) === '')
  if (missing.length > 0) return { fault: `lacks ${missing.join(', ')}; ${KEY_FILE}, whole` }
  // Passed through a shell or a form, line breaks arrive as the two characters \n.
  const privateKey = field('private_key')
    .replaceAll(String.raw`\n`, '\n')
    .trim()
  const pem = /^-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----$/.exec(privateKey)
  if (decodeBase64(pem?.[1]?.replaceAll(/\s/g, '') ?? '-') === undefined)
    return { fault: `private_key is no PKCS#8 PEM (${shape(field('private_key'))}); ${KEY_FILE}, unchanged` }
  const tokenUri = readBaseUrl(field('token_uri'))
  if ('fault' in tokenUri) return { fault: `token_uri is ${tokenUri.fault}; ${KEY_FILE}, unchanged` }
  return {
    value: {
      projectId: field('project_id'),
      clientEmail: field('client_email'),
      privateKey,
      privateKeyId: field('private_key_id'),
      tokenUri: field('token_uri'),
    },
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text.trim())
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

const LOOKS: readonly (readonly [RegExp, string])[] = [
  [/^["'`]/, 'a value in quotation marks'],
  [/^[{[]/, 'JSON'],
  [/^-----BEGIN/, 'a PEM key'],
  [/^(Bearer |ya29\.)/, 'an access token'],
  [/^AIza/, 'an API key'],
  [/:APA91/, 'a server key of FCM’s former interface'],
  [/^eyJ[\w-]*\.[\w-]+\.[\w-]*$/, 'a JWT'],
  [/^(eyJ|ewo|eyA)/, 'JSON in base64'],
  [/^https?:/, 'a URL'],
  [/^[~.]?\/|^[A-Za-z]:\\|\.json$/, 'a path'],
  [/^-?\d+([.,]\d+)?$/, 'a number'],
  [/^[0-9a-f]{16,}$/i, 'hexadecimal'],
]

/** Describes a value by its length and kind, for messages that must not contain it. */
function shape(text: string): string {
  const looks = LOOKS.find(([pattern]) => pattern.test(text.trim()))
  const length = text.length === 1 ? '1 character' : `${text.length} characters`
  return looks === undefined ? length : `${length}, looks like ${looks[1]}`
}
