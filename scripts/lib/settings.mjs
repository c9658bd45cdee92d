import { Fault } from './tools.mjs'

/** Nod's settings in the environment; beside them one FIREBASE_<ID> for each Firebase configuration. */
const NAMES = [
  'PUBLIC_URL',
  'ADMIN_LOGIN',
  'ADMIN_PASSWORD',
  'BREAK_GLASS_SECRET',
  'MASTER_KEY',
  'MASTER_KEY_PREVIOUS',
  'FCM_URL',
  'SIGNING_KEY_BITS',
  'ANONYMOUS_CHECK',
  'ADDRESS_HEADER',
  'RATE_LIMITS',
  'JURISDICTION',
  'TRANSACTION_SHARDS',
  'SHARD_WAITERS',
  'DELIVERY_WAIT_MS',
  'CORS_ORIGINS',
  'AUDIT_STRANGER_RECORDS_PER_HOUR',
  'AUDIT_DAYS',
  'AUDIT_STEP_DAYS',
  'AUDIT_ADDRESS_DAYS',
  'AUDIT_ARCHIVE_MODE',
  'AUDIT_HEAD_URL',
  'UPSTREAM_URL',
  'UPSTREAM_LOGIN',
  'UPSTREAM_PASSWORD',
  'UPSTREAM_HEADERS',
  'PASSWORD_CHECK_URL',
  'PASSWORD_CHECK_SECRET',
]

/** Picks Nod's settings from an environment. An empty value counts as absent, as in a compose file's `NAME=${NAME}`.
 *  @param {Record<string, string | undefined>} env
 *  @returns {Record<string, string>} */
export const settingsIn = (env) =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value && (NAMES.includes(name) || name.startsWith('FIREBASE_')) ? [[name, value]] : [],
    ),
  )

/** Names under which Miniflare keeps objects and database in a state folder. They stay the same whatever wrangler.toml calls the
 *  deployed Worker and its database, because under another name everything would be gone. */
export const LOCAL_NAME = 'nod'
export const LOCAL_DATABASE = '00000000-0000-0000-0000-000000000000'

/** Returns what differs from wrangler.toml on this machine. No header is Cloudflare's word there. On a loopback address every
 *  caller is this machine, and `/validate/check` without a key is privacyIDEA's way. On another one the address of a connection may be
 *  that of a proxy, whose users must not be limited together: only with ADDRESS_HEADER it is known whose address is told. The
 *  environment overrides it.
 *  @param {string} host the address that Nod listens on
 *  @param {string} [addressHeader] the operator's ADDRESS_HEADER
 *  @returns {Record<string, string>} */
export const localDefaults = (host, addressHeader) => ({
  EDGE: 'none',
  ...(isLoopback(host) ? { ANONYMOUS_CHECK: 'allow' } : {}),
  ...(addressHeader ? {} : { RATE_LIMITS: 'off' }),
})

/** @param {string} host */
export const isLoopback = (host) => /^127(?:\.\d{1,3}){3}$|^::1$|^localhost$/.test(host)

/** @param {Record<string, string | undefined>} env */
export function listenAddress({ HOST, PORT }) {
  const port = Number(PORT || '8787')
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Fault(`PORT: ${JSON.stringify(PORT)} is no port; expected a number from 0 (any free one) to 65535`)
  }
  return { host: HOST || '127.0.0.1', port }
}
