/** What the environment says, as what Nod needs: read once per isolate, every fault named together. */
import type { Bytes, Seconds } from './vocabulary.ts'
import { POLL_ONLY, seconds } from './vocabulary.ts'

interface Config {
  /** 32 bytes. */
  readonly masterKey: Bytes
  /** 32 bytes: what `masterKey` was before, while keys are being rotated. */
  readonly previousMasterKey?: Bytes
  readonly adminLogin: string
  readonly adminPassword: string
  /** Where phones reach Nod, without a trailing slash. */
  readonly publicUrl?: string
  /** By `firebaseName`. Empty: every token is poll-only. */
  readonly firebase: ReadonlyMap<string, ServiceAccount>
  /** FCM's address, without a trailing slash. */
  readonly fcmUrl: string
  readonly signingKeyBits: SigningKeyBits
  /** Whether `/validate/check` may be called without any credential. */
  readonly anonymousCheck: boolean
  /** Shards of open logins per region, 1 to 256. */
  readonly transactionShards: number
  /** How long a trigger waits to learn what FCM says, at most 3 seconds. */
  readonly deliveryWait: Seconds
  /** Origins as browsers send them, or `*`. */
  readonly corsOrigins: readonly string[]
}

type SigningKeyBits = 2048 | 3072 | 4096

type ServiceAccount = Readonly<Record<'projectId' | 'clientEmail' | 'privateKey' | 'privateKeyId' | 'tokenUri', string>>

/** A setting's value, or what is wrong with it: never quoted, because anything may be a misplaced secret. */
type Read<T> = { readonly value: T } | { readonly fault: string }

const FIREBASE = 'FIREBASE_'

/** The configuration, or all that is wrong with it: each fault names the variable, the shape of its value and the next
 *  step, and quotes no value. An empty variable counts as absent; an unknown one is left alone. */
export function readConfig(
  env: Readonly<Record<string, unknown>>,
): { readonly ok: true; readonly value: Config } | { readonly ok: false; readonly faults: readonly string[] } {
  const faults: string[] = []

  /** `absent`: what to do when the variable must be there and is not. */
  function read<T>(name: string, parse: (text: string) => Read<T>, absent?: string): T | undefined {
    const given = env[name] ?? ''
    if (typeof given !== 'string' && typeof given !== 'number' && typeof given !== 'boolean')
      faults.push(`${name}: not text; set it with \`wrangler secret put\`, or as a string in [vars]`)
    else if (String(given).trim() !== '') {
      const found = parse(String(given))
      if ('value' in found) return found.value
      faults.push(`${name}: ${found.fault}`)
    } else if (absent !== undefined) faults.push(`${name}: not set; ${absent}`)
    return undefined
  }

  const masterKey = read('MASTER_KEY', readKey, MAKE_KEY)
  const previousMasterKey = read('MASTER_KEY_PREVIOUS', readKey)
  if (masterKey?.every((byte, at) => byte === previousMasterKey?.[at]))
    faults.push('MASTER_KEY_PREVIOUS: the same as MASTER_KEY; give the key that was used before, or remove it')
  const adminLogin = read('ADMIN_LOGIN', readLogin, 'choose the first administrator’s login')
  const adminPassword = read('ADMIN_PASSWORD', (text) => ({ value: text }), 'choose the first administrator’s password')

  const publicUrl = read('PUBLIC_URL', readBaseUrl)
  const fcmUrl = read('FCM_URL', readBaseUrl) ?? 'https://fcm.googleapis.com'
  const signingKeyBits = read('SIGNING_KEY_BITS', readKeyBits) ?? 3072
  const anonymousCheck = read('ANONYMOUS_CHECK', readAllow) ?? false
  const transactionShards = read('TRANSACTION_SHARDS', numberIn(1, 256)) ?? 2
  const deliveryWait = seconds((read('DELIVERY_WAIT_MS', numberIn(0, 3000)) ?? 0) / 1000)
  const corsOrigins = read('CORS_ORIGINS', readOrigins) ?? []

  const firebase = new Map<string, ServiceAccount>()
  for (const name of Object.keys(env).filter((one) => one.startsWith(FIREBASE))) {
    const account = read(name, readServiceAccount)
    const id = firebaseName(name.slice(FIREBASE.length))
    if (id === '') faults.push(`${name}: no name after FIREBASE_; the usual one is FIREBASE_DEFAULT`)
    else if (id === firebaseName(POLL_ONLY)) faults.push(`${name}: this name means no delivery at all; choose another`)
    else if (firebase.has(id))
      faults.push(`${name}: ${FIREBASE}${id} is set too; upper and lower case make no difference here`)
    else if (account !== undefined) firebase.set(id, account)
  }

  if (faults.length > 0 || masterKey === undefined || adminLogin === undefined || adminPassword === undefined)
    return { ok: false, faults }
  return {
    ok: true,
    value: {
      masterKey,
      ...(previousMasterKey === undefined ? {} : { previousMasterKey }),
      adminLogin,
      adminPassword,
      ...(publicUrl === undefined ? {} : { publicUrl }),
      firebase,
      fcmUrl,
      signingKeyBits,
      anonymousCheck,
      transactionShards,
      deliveryWait,
      corsOrigins,
    },
  }
}

/** A Firebase configuration's name as it is compared, and as a secret's name can hold it: `my-app` is `MY_APP`, the
 *  secret `FIREBASE_MY_APP`. */
export const firebaseName = (policyValue: string): string =>
  policyValue
    .trim()
    .replaceAll(/[^A-Za-z0-9]/gu, '_')
    .toUpperCase()

const MAKE_KEY = 'make one with `openssl rand -base64 32`'

function readKey(text: string): Read<Bytes> {
  const bytes = decodeBase64(text.trim())
  if (bytes === undefined) return { fault: `not base64 (${shape(text)}); ${MAKE_KEY}` }
  if (bytes.length !== 32) return { fault: `${bytes.length} bytes (${shape(text)}), expected 32; ${MAKE_KEY}` }
  return { value: bytes }
}

const readLogin = (text: string): Read<string> =>
  text === text.trim() && !/\p{Cc}/u.test(text)
    ? { value: text }
    : { fault: `has spaces around it or control characters (${shape(text)}); expected a login name` }

function readBaseUrl(text: string): Read<string> {
  const url = URL.parse(text.trim())
  if (url === null || !/^https?:$/.test(url.protocol))
    return { fault: `not an http or https URL (${shape(text)}); expected for example https://nod.example.com` }
  if (url.username !== '' || url.password !== '') return { fault: 'a URL with a login in it; expected one without' }
  if (url.search !== '' || url.hash !== '') return { fault: 'a URL with a query or fragment; expected one without' }
  return { value: (url.origin + url.pathname).replace(/\/+$/, '') }
}

const readKeyBits = (text: string): Read<SigningKeyBits> => {
  const bits = ([2048, 3072, 4096] as const).find((one) => String(one) === text.trim())
  return bits === undefined
    ? { fault: `not a size known here (${shape(text)}); expected 2048, 3072 or 4096` }
    : { value: bits }
}

function readAllow(text: string): Read<boolean> {
  const word = text.trim().toLowerCase()
  return word === 'allow' || word === 'deny'
    ? { value: word === 'allow' }
    : { fault: `neither allow nor deny (${shape(text)}); expected deny, unless anybody may ask about PINs` }
}

const numberIn =
  (least: number, most: number) =>
  (text: string): Read<number> => {
    const value = /^\d{1,9}$/.test(text.trim()) ? Number(text.trim()) : Number.NaN
    return value >= least && value <= most
      ? { value }
      : { fault: `not a whole number in range (${shape(text)}); expected ${least} to ${most}` }
  }

function readOrigins(text: string): Read<readonly string[]> {
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

/** Source: contract 4.2. Whether Google knows the account shows with the first message. */
function readServiceAccount(text: string): Read<ServiceAccount> {
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

/** With either alphabet, with or without padding. */
function decodeBase64(text: string): Bytes | undefined {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0))
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

/** A value by length and kind, for a message that must not hold it. */
function shape(text: string): string {
  const looks = LOOKS.find(([pattern]) => pattern.test(text.trim()))
  const length = text.length === 1 ? '1 character' : `${text.length} characters`
  return looks === undefined ? length : `${length}, looks like ${looks[1]}`
}
