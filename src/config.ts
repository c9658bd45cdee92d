/** Reads the configuration from the environment, once per isolate, and reports all faults together. */
import {
  type ArchiveMode,
  MAKE_BUCKET,
  MAKE_KEY,
  readAllow,
  readArchiveMode,
  readBaseUrl,
  readCheckUrl,
  readHttpsUrl,
  readKey,
  readKeyBits,
  readJurisdiction,
  readLogin,
  readNumberIn,
  readEdge,
  readHeaderName,
  readHeaders,
  readOrigins,
  readPassword,
  readSecret,
  readServiceAccount,
  readSwitch,
  type ReadSetting,
  type ServiceAccount,
  type SigningKeyBits,
} from './config-values.ts'
import { present } from './present.ts'
import { type Bytes, POLL_ONLY, type Seconds, seconds } from './vocabulary.ts'
import type { Jurisdiction } from './vocabulary/jurisdictions.ts'
import { FIREBASE_PREFIX, firebaseName } from './vocabulary/firebase.ts'

export interface Config {
  /** 32 bytes. */
  readonly masterKey: Bytes
  /** 32 bytes: the former `masterKey`, while keys are being rotated. The same key is set while a rotation is prepared: the two
   *  secrets are deployed one after the other. */
  readonly previousMasterKey?: Bytes
  readonly adminLogin: string
  readonly adminPassword: string
  /** Signs an administrator in without the phone, beside the password. Without one there is no such way in. */
  readonly breakGlassSecret?: string
  /** Where phones reach Nod, without a trailing slash. */
  readonly publicUrl?: string
  /** Whether requests come through Cloudflare, which sets the caller's address and region and the host's name. Elsewhere the
   *  caller can write all three. */
  readonly onCloudflare: boolean
  /** The header in which a proxy before Nod names the caller's address. Without one every caller is 127.0.0.1. */
  readonly addressHeader?: string
  /** By `firebaseName`. If empty, every token is poll-only. */
  readonly firebase: ReadonlyMap<string, ServiceAccount>
  /** FCM's address, without a trailing slash. */
  readonly fcmUrl: string
  readonly signingKeyBits: SigningKeyBits
  /** Whether `/validate/check` may be called without any credential. */
  readonly anonymousCheck: boolean
  /** Where D1 and all objects are, if that is fixed. */
  readonly jurisdiction?: Jurisdiction
  /** Whether requests are limited by the network that they come from. */
  readonly rateLimits: boolean
  /** Shards of open logins per region, 1 to 256. */
  readonly transactionShards: number
  /** How many callers may wait in one shard at once, 1 to 8,000: the platform gives an object ten thousand timers, and other work
   *  needs some of them. */
  readonly shardWaiters: number
  /** How long a trigger waits for FCM's response, at most 3 seconds. */
  readonly deliveryWait: Seconds
  /** How many audit records an hour callers without a credential can cause in a region, 10 to 100,000. */
  readonly strangerRecordsPerHour: number
  /** Days for which the audit keeps its records, the steps of logins, and addresses; undefined: as long as the record, and records
   *  for ever. */
  readonly auditDays: number | undefined
  readonly auditStepDays: number | undefined
  readonly auditAddressDays: number | undefined
  /** Whether old records are archived before they are deleted; `auto`: where a bucket is bound. */
  readonly auditArchiveMode: ArchiveMode
  /** Where signed heads of the audit are posted: https. */
  readonly auditHeadUrl?: string
  /** Origins as browsers send them, or `*`. */
  readonly corsOrigins: readonly string[]
  /** Who checks passwords of a directory; `upstream`: the server that users move here from. */
  readonly passwordCheck?: 'upstream' | { readonly url: string; readonly secret: string }
  /** The server that users move here from. */
  readonly upstream?: UpstreamConfig
}

interface UpstreamConfig {
  /** Without a trailing slash. */
  readonly url: string
  /** The account with which Nod triggers challenges and lists tokens there. */
  readonly account?: { readonly login: string; readonly password: string }
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>
}

function passwordCheckOf(url: string | undefined, secret: string | undefined): Config['passwordCheck'] {
  if (url === 'upstream') return url
  return url === undefined || secret === undefined ? undefined : { url, secret }
}

const MAX_WAITERS = 8000
const MAX_DAYS = 36_500

/** Reads the configuration, or lists everything that is wrong with it. Each fault names the variable, the shape of its value and
 *  the next step, and quotes no value. An empty variable counts as absent; an unknown one is ignored. */
export function readConfig(
  env: Readonly<Record<string, unknown>>,
): { readonly ok: true; readonly value: Config } | { readonly ok: false; readonly faults: readonly string[] } {
  const faults: string[] = []

  /** `absent`: the next step if a required variable is not set. */
  function read<T>(name: string, parse: (text: string) => ReadSetting<T>, absent?: string): T | undefined {
    const value = env[name] ?? ''
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      faults.push(`${name}: not text; set it with \`wrangler secret put\`, or as a string in [vars]`)
    else if (String(value).trim() !== '') {
      const parsed = parse(String(value))
      if ('value' in parsed) return parsed.value
      faults.push(`${name}: ${parsed.fault}`)
    } else if (absent !== undefined) faults.push(`${name}: not set; ${absent}`)
    return undefined
  }

  const masterKey = read('MASTER_KEY', readKey, MAKE_KEY)
  const previousMasterKey = read('MASTER_KEY_PREVIOUS', readKey)
  const adminLogin = read('ADMIN_LOGIN', readLogin, 'choose the first administrator’s login')
  const adminPassword = read('ADMIN_PASSWORD', readPassword(adminLogin), 'choose the first administrator’s password')

  const breakGlassSecret = read('BREAK_GLASS_SECRET', readSecret)
  const publicUrl = read('PUBLIC_URL', readBaseUrl)
  const onCloudflare = read('EDGE', readEdge) ?? true
  const addressHeader = read('ADDRESS_HEADER', readHeaderName) ?? (onCloudflare ? 'CF-Connecting-IP' : undefined)
  const fcmUrl = read('FCM_URL', readBaseUrl) ?? 'https://fcm.googleapis.com'
  const signingKeyBits = read('SIGNING_KEY_BITS', readKeyBits) ?? 3072
  const anonymousCheck = read('ANONYMOUS_CHECK', readAllow) ?? false
  const jurisdiction = read('JURISDICTION', readJurisdiction)
  const rateLimits = read('RATE_LIMITS', readSwitch) ?? true
  const transactionShards = read('TRANSACTION_SHARDS', readNumberIn(1, 256)) ?? 2
  const shardWaiters = read('SHARD_WAITERS', readNumberIn(1, MAX_WAITERS)) ?? MAX_WAITERS
  const deliveryWait = seconds((read('DELIVERY_WAIT_MS', readNumberIn(0, 3000)) ?? 0) / 1000)
  const strangerRecordsPerHour = read('AUDIT_STRANGER_RECORDS_PER_HOUR', readNumberIn(10, 100_000)) ?? 100
  const auditDays = (read('AUDIT_DAYS', readNumberIn(0, MAX_DAYS)) ?? 365) || undefined
  const auditStepDays = read('AUDIT_STEP_DAYS', readNumberIn(1, MAX_DAYS))
  const auditAddressDays = read('AUDIT_ADDRESS_DAYS', readNumberIn(1, MAX_DAYS))
  const auditArchiveMode = read('AUDIT_ARCHIVE_MODE', readArchiveMode) ?? 'auto'
  if (auditArchiveMode === 'required' && typeof env['AUDIT_ARCHIVE'] !== 'object')
    faults.push(`AUDIT_ARCHIVE_MODE: required, but no bucket is bound as AUDIT_ARCHIVE; ${MAKE_BUCKET}`)
  const auditHeadUrl = read('AUDIT_HEAD_URL', readHttpsUrl)
  const corsOrigins = read('CORS_ORIGINS', readOrigins) ?? []

  const upstreamUrl = read('UPSTREAM_URL', readBaseUrl)
  const upstreamLogin = read('UPSTREAM_LOGIN', readLogin)
  const upstreamPassword = read('UPSTREAM_PASSWORD', (text) => ({ value: text }))
  const upstreamHeaders = read('UPSTREAM_HEADERS', readHeaders) ?? {}
  if ((upstreamLogin === undefined) !== (upstreamPassword === undefined))
    faults.push('UPSTREAM_LOGIN, UPSTREAM_PASSWORD: one is set without the other; set both, or none')
  if (upstreamUrl !== undefined && upstreamUrl === publicUrl)
    faults.push('UPSTREAM_URL: the same as PUBLIC_URL; expected the address of the old server behind Nod')

  const checkUrl = read('PASSWORD_CHECK_URL', readCheckUrl)
  const checkSecret = read('PASSWORD_CHECK_SECRET', readSecret)
  if (checkUrl === 'upstream' && upstreamUrl === undefined)
    faults.push('PASSWORD_CHECK_URL: upstream, but UPSTREAM_URL is not set')
  if (checkUrl !== undefined && checkUrl !== 'upstream' && checkSecret === undefined)
    faults.push('PASSWORD_CHECK_SECRET: not set; expected the secret that the verifier of passwords has too')

  const firebase = new Map<string, ServiceAccount>()
  for (const name of Object.keys(env).filter((one) => one.startsWith(FIREBASE_PREFIX))) {
    const account = read(name, readServiceAccount)
    const id = firebaseName(name.slice(FIREBASE_PREFIX.length))
    if (id === '') faults.push(`${name}: no name after FIREBASE_; the usual one is FIREBASE_DEFAULT`)
    else if (id === firebaseName(POLL_ONLY)) faults.push(`${name}: this name means no delivery at all; choose another`)
    else if (firebase.has(id))
      faults.push(`${name}: ${FIREBASE_PREFIX}${id} is set too; upper and lower case make no difference here`)
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
      ...(breakGlassSecret === undefined ? {} : { breakGlassSecret }),
      ...(publicUrl === undefined ? {} : { publicUrl }),
      onCloudflare,
      ...(addressHeader === undefined ? {} : { addressHeader }),
      firebase,
      fcmUrl,
      signingKeyBits,
      anonymousCheck,
      ...(jurisdiction === undefined ? {} : { jurisdiction }),
      rateLimits,
      transactionShards,
      shardWaiters,
      deliveryWait,
      strangerRecordsPerHour,
      auditDays,
      auditStepDays,
      auditAddressDays,
      auditArchiveMode,
      ...(auditHeadUrl === undefined ? {} : { auditHeadUrl }),
      corsOrigins,
      ...present({ passwordCheck: passwordCheckOf(checkUrl, checkSecret) }),
      ...(upstreamUrl === undefined
        ? {}
        : {
            upstream: {
              url: upstreamUrl,
              headers: upstreamHeaders,
              ...(upstreamLogin === undefined || upstreamPassword === undefined
                ? {}
                : { account: { login: upstreamLogin, password: upstreamPassword } }),
            },
          }),
    },
  }
}
