/** Checks of keys, administrators and services. */
import { signingKey } from '../administration/health-probes.ts'
import { administratorsWithPhone } from '../access/administrator-phone.ts'
import { addSeconds, type Instant, seconds } from '../../vocabulary.ts'
import { hasEnded } from '../access/identify.ts'
import type { Check } from './finding.ts'

const DAY = 86_400
const SOON = seconds(14 * DAY)
/** Names in a sentence. */
const MOST_NAMED = 5

const named = (names: readonly string[]): string =>
  names.length <= MOST_NAMED ? names.join(', ') : `${names.slice(0, MOST_NAMED).join(', ')} … (${names.length})`

export const signingKeys: Check = {
  id: 'signing_keys',
  async run({ ports, snapshot }) {
    const current = ports.signing.currentIn(snapshot)
    const { isWell } = await signingKey.run(ports)
    if (!isWell) return { state: 'fail', text: 'signing_unreadable', next: 'npm run nod -- rotate-signing-key' }
    return current === undefined
      ? { state: 'ok', text: 'signing_none' }
      : { state: 'ok', text: 'signing_ok', values: { count: snapshot.signingKeys.length, current } }
  },
}

export const apiTokenKeys: Check = {
  id: 'api_token_keys',
  async run({ ports, snapshot }) {
    const now = ports.now()
    const keys = [...snapshot.apiTokenKeys.values()]
    const current = keys.find(({ retiredAt }) => retiredAt === undefined)
    if (current === undefined) return { state: 'ok', text: 'api_token_key_none' }
    const previous = keys.filter(({ retiredAt, tokensValidUntil }) => retiredAt !== undefined && now < tokensValidUntil)
    const days = Math.floor((now - current.createdAt) / (DAY * 1000))
    return { state: 'ok', text: 'api_token_key_ok', values: { days, previous: previous.length } }
  },
}

export const serviceKeys: Check = {
  id: 'service_keys',
  async run({ ports, snapshot }) {
    const now = ports.now()
    // Of each key the newest secret: that an earlier one ends is what its rotation wanted.
    const keys = [...snapshot.serviceKeys.values()].filter(({ hash, hashes }) => hashes[0] === hash)
    if (keys.length === 0) return { state: 'ok', text: 'service_keys_none', next: 'POST /apikey' }
    const expired = keys.filter((key) => hasEnded(key, now)).map(({ name }) => name)
    if (expired.length > 0)
      return {
        state: 'warn',
        text: 'service_keys_expired',
        values: { names: named(expired) },
        next: `npm run nod -- rotate-service-key ${expired[0]}`,
      }
    const soon = keys.filter((key) => expiresSoon(key.validUntil, now)).map(({ name }) => name)
    return soon.length === 0
      ? { state: 'ok', text: 'service_keys_ok' }
      : {
          state: 'warn',
          text: 'service_keys_expiring',
          values: { names: named(soon) },
          next: `npm run nod -- rotate-service-key ${soon[0]}`,
        }
  },
}

const expiresSoon = (until: Instant | undefined, now: Instant): boolean =>
  until !== undefined && until <= addSeconds(now, SOON)

export const administrators: Check = {
  id: 'administrators',
  async run({ ports, snapshot }) {
    const withPhone = await administratorsWithPhone(ports)
    if (!withPhone.ok) return { state: 'fail', text: 'unchecked' }
    const all = [...snapshot.administrators.values()].filter(({ disabled, role }) => !disabled && role !== 'validate')
    const weak = all.filter(({ login, phoneRequired }) => !phoneRequired && !withPhone.value.has(login))
    const values = { count: weak.length, all: all.length, names: named(weak.map(({ login }) => login)) }
    return weak.length === 0
      ? { state: 'ok', text: 'administrators_ok' }
      : { state: 'warn', text: 'administrators_weak', values, next: 'POST /auth/phone' }
  },
}

export const breakGlass: Check = {
  id: 'break_glass',
  async run({ ports }) {
    return ports.limits.hasBreakGlass
      ? { state: 'ok', text: 'break_glass_ok' }
      : { state: 'warn', text: 'break_glass_missing', next: 'wrangler secret put BREAK_GLASS_SECRET' }
  },
}
