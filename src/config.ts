/** What the environment says, as what Nod needs: read once per isolate, every fault named together. */
import type { ReadSetting, ServiceAccount, SigningKeyBits } from './config-values.ts'
import {
  MAKE_KEY,
  readNumberIn,
  readAllow,
  readBaseUrl,
  readKey,
  readKeyBits,
  readLogin,
  readOrigins,
  readServiceAccount,
} from './config-values.ts'
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
  /** Who may wait in one shard at once, 1 to 8,000: the platform gives an object ten thousand timers, and others need some. */
  readonly shardWaiters: number
  /** How long a trigger waits to learn what FCM says, at most 3 seconds. */
  readonly deliveryWait: Seconds
  /** Origins as browsers send them, or `*`. */
  readonly corsOrigins: readonly string[]
}

const FIREBASE = 'FIREBASE_'
const MOST_WAITERS = 8000

/** The configuration, or all that is wrong with it: each fault names the variable, the shape of its value and the next
 *  step, and quotes no value. An empty variable counts as absent; an unknown one is left alone. */
export function readConfig(
  env: Readonly<Record<string, unknown>>,
): { readonly ok: true; readonly value: Config } | { readonly ok: false; readonly faults: readonly string[] } {
  const faults: string[] = []

  /** `absent`: what to do when the variable must be there and is not. */
  function read<T>(name: string, parse: (text: string) => ReadSetting<T>, absent?: string): T | undefined {
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
  const transactionShards = read('TRANSACTION_SHARDS', readNumberIn(1, 256)) ?? 2
  const shardWaiters = read('SHARD_WAITERS', readNumberIn(1, MOST_WAITERS)) ?? MOST_WAITERS
  const deliveryWait = seconds((read('DELIVERY_WAIT_MS', readNumberIn(0, 3000)) ?? 0) / 1000)
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
      shardWaiters,
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
