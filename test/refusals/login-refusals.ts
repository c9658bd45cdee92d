/** Refusals of logins, and of what a login needs. */
import { createExecutionContext, evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import { connect } from '../../src/connect.ts'
import worker from '../../src/index.ts'
import { authorizeLogin } from '../../src/operations/login/authorize-login.ts'
import { done, refuse } from '../../src/refusal.ts'
import type { Transaction } from '../../src/rules/login/transaction.ts'
import { instant, revision, seconds, type Serial } from '../../src/vocabulary.ts'
import { failPendingAudit } from '../objects/world.ts'
import { movedToken } from '../driver/moved.ts'
import { nextPrompt } from '../driver/driver.ts'
import { type Reply, readReply } from '../simulation/reply.ts'
import {
  administrator,
  badRequest,
  enroll,
  forbidden,
  type InternalRefusal,
  ORIGIN,
  PUSH_URL,
  reject,
  type RefusalCases,
  anonymous,
  withPolicy,
} from './stage.ts'

/** The phone's object hears of a decline a moment later. `words`: of the message that is waited for. */
async function untilRejected(check: () => Promise<Reply>, words = ''): Promise<Reply> {
  for (let round = 0; round < 100; round++) {
    const reply = await check()
    if (reply.authentication === 'REJECT' && reply.detail.message?.includes(words) === true) return reply
    await scheduler.wait(20)
  }
  throw new Error('still opened')
}

export const loginRefusals = {
  pin_wrong: {
    provoke: async () => {
      await enroll('forgetful', { pin: '1234' })
      return anonymous.check({ user: 'forgetful', pass: '4321' })
    },
    reply: reject('wrong otp pin'),
  },
  owner_has_no_tokens: {
    provoke: async () => {
      await (await administrator()).call('POST', '/user/', { form: { user: 'phoneless' } })
      return anonymous.check({ user: 'phoneless', pass: '' })
    },
    reply: reject('The user has no tokens assigned'),
  },
  no_suitable_token: {
    provoke: async () => {
      const { serial } = await enroll('barred')
      await (await administrator()).call('POST', `/token/disable/${serial}`)
      return anonymous.check({ user: 'barred', pass: '' })
    },
    reply: reject('No suitable token found for authentication.'),
  },
  attempts_exceeded: {
    provoke: async () => {
      await enroll('guessed', { pin: '1234' })
      for (let round = 0; round < 10; round++) await anonymous.check({ user: 'guessed', pass: String(round) })
      return anonymous.check({ user: 'guessed', pass: '1234' })
    },
    reply: reject('Failcounter exceeded'),
  },
  pin_attempts_paused: {
    provoke: async () => {
      await enroll('besieged', { pin: '1234' })
      const admin = await administrator()
      await admin.call('POST', '/system/setConfig', {
        form: { OverrideAuthorizationClient: '127.0.0.1 > 192.0.2.0/24' },
      })
      const check = (pass: string) => anonymous.check({ user: 'besieged', pass, client: '192.0.2.7' })
      for (let round = 0; round < 5; round++) await check(String(round))
      const paused = await check('1234')
      await admin.call('DELETE', '/system/OverrideAuthorizationClient')
      return paused
    },
    reply: reject('Too many wrong PINs. Try again later.'),
  },
  source_blocked: {
    provoke: async () => {
      const { phone } = await enroll('reporting', { pin: '1234' })
      const admin = await administrator()
      await admin.call('POST', '/system/setConfig', {
        form: { OverrideAuthorizationClient: '127.0.0.1 > 192.0.2.0/24' },
      })
      const check = () => anonymous.check({ user: 'reporting', pass: '1234', client: '192.0.2.7' })
      await check()
      await phone.decline(await nextPrompt(phone), { reason: 'unknown_trigger' })
      const blocked = await untilRejected(check)
      await admin.call('DELETE', '/system/OverrideAuthorizationClient')
      return blocked
    },
    reply: reject('The user has reported a login from here. Try again later.'),
  },
  pin_suspended: {
    provoke: async () => {
      const { phone } = await enroll('reported', { pin: '1234' })
      const check = () => anonymous.check({ user: 'reported', pass: '1234' })
      await check()
      await phone.decline(await nextPrompt(phone), { reason: 'unknown_trigger' })
      return withPolicy('authentication', { push_wait: '1' }, { user: 'reported' }, () =>
        untilRejected(check, 'suspended'),
      )
    },
    reply: reject('The user has reported logins by this PIN: they are suspended.'),
  },
  pin_pending: {
    provoke: async () => {
      const user = { login: 'moved', realm: 'defrealm' }
      const { sent } = await movedToken(PUSH_URL, 'PIPUMOVED', { user, pin: 'upstream' }, { keys: 0 })
      const json = { source: 'privacyidea', tokens: [sent] }
      await (await administrator()).call('POST', '/deployment/import', { json })
      return anonymous.check({ user: 'moved', pass: '1234' })
    },
    reply: reject('wrong otp pin'),
  },
  uses_exceeded: {
    provoke: async () => {
      const { serial } = await enroll('spent', { pin: '1234' })
      const form = { serial, count_auth_max: '1' }
      await (await administrator()).call('POST', '/token/set', { form })
      await anonymous.check({ user: 'spent', pass: '4321' })
      return anonymous.check({ user: 'spent', pass: '1234' })
    },
    reply: reject('Authentication counter exceeded'),
  },
  outside_validity: {
    provoke: async () => {
      const { serial } = await enroll('over')
      const form = { serial, validity_period_end: '2020-01-01T00:00+0000' }
      await (await administrator()).call('POST', '/token/set', { form })
      return anonymous.check({ user: 'over', pass: '' })
    },
    reply: reject('Outside validity period'),
  },
  logins_limited: {
    provoke: async () => {
      await enroll('often', { pin: '1234' })
      return withPolicy('authorization', { auth_max_fail: '1/5m' }, { user: 'often' }, async () => {
        await anonymous.check({ user: 'often', pass: '4321' })
        return anonymous.check({ user: 'often', pass: '1234' })
      })
    },
    reply: reject('Only 1 failed authentications per 0:05:00 allowed.'),
  },
  unused_too_long: {
    provoke: async () => {
      const { phone } = await enroll('rare')
      const at = (now: string) => vi.useFakeTimers({ toFake: ['Date'], now: new Date(now) })
      return withPolicy('authorization', { last_auth: '12h' }, { user: 'rare' }, async () => {
        try {
          at('2036-01-01T09:00:00Z')
          const { detail } = await anonymous.check({ user: 'rare', pass: '' })
          await phone.accept(await nextPrompt(phone))
          await anonymous.check({ user: 'rare', pass: '', transaction_id: detail.transaction_id ?? '' })
          at('2036-01-02T09:00:00Z')
          // The object reports the last use to the catalogue later.
          for (let round = 0; round < 100; round++) {
            const reply = await anonymous.check({ user: 'rare', pass: '' })
            if (reply.authentication === 'REJECT') return reply
            await scheduler.wait(20)
          }
          throw new Error('still rung')
        } finally {
          vi.useRealTimers()
        }
      })
    },
    reply: reject('The last successful authentication was 2036-01-01T09:00:00.000Z. It is to long ago.'),
  },
  not_authorized: {
    provoke: async () => {
      await enroll('unwanted')
      return withPolicy('authorization', { authorized: 'deny_access' }, { user: 'unwanted' }, () =>
        anonymous.check({ user: 'unwanted', pass: '' }),
      )
    },
    reply: badRequest(401, 'User is not authorized to authenticate under these conditions.'),
  },
  token_not_allowed: {
    provoke: async () => {
      await enroll('elsewhere')
      return withPolicy('authorization', { tokentype: 'hotp' }, { user: 'elsewhere' }, () =>
        anonymous.check({ user: 'elsewhere', pass: '' }),
      )
    },
    reply: forbidden('Tokentype not allowed for authentication!'),
  },
  transaction_unknown: {
    provoke: async () => {
      await enroll('early')
      return anonymous.check({ user: 'early', pass: '', transaction_id: '0'.repeat(20) })
    },
    reply: reject('wrong otp pin'),
  },
  not_accepted: {
    provoke: async () => {
      await enroll('hasty')
      const service = await administrator()
      const { transactionId } = await service.trigger('hasty')
      return service.check(service.finalizeForm(transactionId))
    },
    reply: reject('Response did not match the challenge.'),
  },
  declined: {
    provoke: async () => {
      const { phone } = await enroll('refusing')
      return withPolicy('authentication', { push_wait: '10' }, { user: 'refusing' }, async () => {
        const waiting = anonymous.check({ user: 'refusing', pass: '' })
        await phone.decline(await nextPrompt(phone))
        return waiting
      })
    },
    reply: { authentication: 'DECLINED', message: 'wrong otp value' },
  },
  unanswered: {
    provoke: async () => {
      await enroll('away')
      const check = () => anonymous.check({ user: 'away', pass: '' })
      return withPolicy('authentication', { push_wait: '1' }, { user: 'away' }, check)
    },
    reply: reject('wrong otp value'),
  },
  enrollment_not_cancelled: {
    provoke: async () => {
      await enroll('keeping')
      const { transactionId } = await (await administrator()).trigger('keeping')
      return anonymous.check({ user: 'keeping', transaction_id: transactionId, cancel_enrollment: 'true' })
    },
    reply: reject('Failed to cancel enrollment via multichallenge'),
  },
  delivery_failed: {
    provoke: async () => {
      await enroll('unreached', {}, 'fb1')
      const google = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response('', { status: 503 }))
      const reply = await anonymous.check({ user: 'unreached', pass: '', exception: '1' })
      google.mockRestore()
      return reply
    },
    reply: badRequest(401, 'Failed to submit message to push gateway.'),
  },
  archive_unavailable: {
    provoke: async () => {
      const { auditArchive } = await connect(env)
      if (auditArchive === undefined) throw new Error('no bucket is bound')
      const get = vi
        .spyOn(auditArchive, 'get')
        .mockResolvedValue(refuse({ reason: 'archive_unavailable', why: 'the bucket refused to get' }))
      const reply = await (await administrator()).call('GET', '/deployment/audit/archive/2026-11-28/1')
      get.mockRestore()
      return reply
    },
    reply: {
      status: 503,
      code: 903,
      message: 'ERR903: The archive of the audit does not answer: the bucket refused to get.',
      headers: { 'retry-after': '30' },
    },
  },
  upstream_unavailable: {
    provoke: async () => {
      const body = new URLSearchParams({ user: 'nobody', pass: 'x' })
      const request = new Request(`${ORIGIN}/validate/check`, { method: 'POST', body })
      return readReply(await worker.fetch(request, withUpstream(), createExecutionContext()))
    },
    reply: {
      status: 503,
      code: 903,
      message: 'ERR903: The server that this user is moved from does not answer.',
      headers: { 'retry-after': '5' },
    },
  },
  pin_check_unavailable: {
    provoke: async () => {
      const user = 'of-a-directory'
      await enroll(user)
      const asking = { ...env, PASSWORD_CHECK_URL: 'http://127.0.0.1:1/', PASSWORD_CHECK_SECRET: 'x'.repeat(32) } as Env
      const service = await administrator()
      const ask = async (url: string, json: object, headers: Readonly<Record<string, string>> = {}) =>
        readReply(
          await worker.fetch(
            new Request(`${ORIGIN}${url}`, {
              method: 'POST',
              body: JSON.stringify(json),
              headers: { 'Content-Type': 'application/json', ...headers },
            }),
            asking,
            createExecutionContext(),
          ),
        )
      const policy = { scope: 'authentication', action: { otppin: 'userstore' }, user: [user] }
      await ask('/policy/directory', policy, { Authorization: service.token ?? '' })
      const reply = await ask('/validate/check', { user, pass: 'a password' })
      await service.call('DELETE', '/policy/directory')
      return reply
    },
    reply: {
      status: 503,
      code: 903,
      message: 'ERR903: The PIN cannot be checked now.',
      headers: { 'retry-after': '5' },
    },
  },
  storage_unavailable: {
    provoke: async () => {
      const ask = () => Promise.reject(new Error('D1_ERROR: Network connection lost.'))
      const statement = { bind: () => statement, first: ask, run: ask, all: ask, raw: ask }
      const DB = { prepare: () => statement, batch: ask } as unknown as D1Database
      const request = new Request(`${ORIGIN}/validate/check?user=ada&pass=`)
      return readReply(await worker.fetch(request, { ...env, DB }, createExecutionContext()))
    },
    reply: {
      status: 503,
      code: 903,
      message: 'ERR903: The catalogue does not answer; try again.',
      headers: { 'retry-after': '2' },
    },
  },
  // A stand-in for a full shard: `test/objects/waiting.test.ts` fills one.
  too_many_waiting: {
    provoke: async () => {
      const id = await (await connect(env)).identifiers.draw(shard)
      const crowded = { status: async () => done('crowded'), stopWaiting: async () => done(undefined) }
      const TRANSACTIONS = { idFromName: () => 'one', get: () => crowded } as unknown as Env['TRANSACTIONS']
      const request = new Request(`${ORIGIN}/validate/polltransaction/${id}?wait=30`)
      return readReply(await worker.fetch(request, { ...env, TRANSACTIONS }, createExecutionContext()))
    },
    reply: {
      status: 503,
      code: 903,
      message: 'ERR903: Too many callers wait for a login; ask without waiting.',
      headers: { 'retry-after': '5' },
    },
  },
  rotation_refused: {
    provoke: async () => (await administrator()).call('POST', '/deployment/keys/master/rotate'),
    reply: {
      status: 400,
      code: 905,
      message:
        'ERR905: The master key is not rotated: there is nothing to rotate; set MASTER_KEY to the new key and MASTER_KEY_PREVIOUS to ' +
        'the present one, deploy, then rotate.',
    },
  },
  master_key_mismatch: {
    provoke: async () => {
      await anonymous.check({ user: 'ada', pass: '' })
      const other = { ...env, MASTER_KEY: btoa('another root secret of 32 bytes!') }
      const request = new Request(`${ORIGIN}/validate/check`, {
        method: 'POST',
        body: new URLSearchParams({ user: 'ada' }),
      })
      return readReply(await worker.fetch(request, other, createExecutionContext()))
    },
    reply: {
      status: 503,
      code: 903,
      message: 'ERR903: Nod refuses to serve: its master key does not fit its database. GET /healthz says more.',
    },
  },
  jurisdiction_mismatch: {
    provoke: async () => {
      await anonymous.check({ user: 'ada', pass: '' })
      const inside = (binding: object) => ({ jurisdiction: () => binding })
      const { TRANSACTIONS, PHONE, COUNTER, JOURNAL } = env
      const namespaces = { TRANSACTIONS, PHONE, COUNTER, JOURNAL }
      const moved = Object.fromEntries(Object.entries(namespaces).map(([name, binding]) => [name, inside(binding)]))
      const other = { ...env, ...moved, JURISDICTION: 'eu' } as unknown as Env
      return readReply(await worker.fetch(new Request(`${ORIGIN}/token/`), other, createExecutionContext()))
    },
    reply: {
      status: 503,
      code: 903,
      message: 'ERR903: Nod refuses to serve: its objects are in another jurisdiction. GET /healthz says more.',
    },
  },
  audit_incomplete: {
    provoke: async () => {
      const unsettled = failPendingAudit('wnam/0', () => Promise.reject(new Error('overloaded')))
      const reply = await (await administrator()).call('GET', '/audit/all.csv')
      unsettled.mockRestore()
      return reply
    },
    reply: {
      status: 503,
      code: 903,
      message: 'ERR903: Lines may be missing that wnam/0 did not tell; try again.',
      headers: { 'retry-after': '1' },
    },
  },
} satisfies RefusalCases

const POLICY = { until: instant(Date.now() + 60_000), polling: 'allow' } as const
/** A shard that the tests over HTTP do not use: they use the first two. */
const shard = { region: 'weur', number: 77 } as const

/** The fields that a shard reads to open a login. */
const opening = (id: string, nonce: string) => {
  const challenge = { serial: 'PIPU1', nonce, state: 'pending', phoneKey: '', prompt: {}, context: {}, salt: '' }
  const at = { openedAt: instant(Date.now()), answerBy: instant(Date.now() + 60_000), grace: seconds(0) }
  const transaction = { id, ...at, challenges: [{ ...challenge, mode: 'standard' }], steps: [], wrongCodes: 0 }
  return { transaction: transaction as unknown as Transaction, release: [], deliveryWait: seconds(0) }
}

const reasonOf = (outcome: { ok: true } | { ok: false; refusal: { reason: string } }) =>
  (outcome.ok ? undefined : outcome.refusal.reason) as Awaited<ReturnType<InternalRefusal['reason']>>

/** The Worker, where users move here from a server that nobody reaches. */
const withUpstream = () => ({ ...env, UPSTREAM_URL: 'http://127.0.0.1:1' }) as Env

/** Refusals that operations handle themselves, by reading again or with another id. No caller gets them. */
export const internalRefusals = {
  served_upstream: {
    reason: async () => {
      const ports = await connect(withUpstream())
      const source = { address: '127.0.0.1', userAgent: '', region: 'weur', origin: ORIGIN } as const
      return reasonOf(await authorizeLogin(ports, { kind: 'none' }, source, { user: 'nobody' }, 'pin'))
    },
  },
  stale: {
    reason: async () => {
      const { serial } = await enroll('moved')
      const phone = (await connect(env)).phones.of(serial as Serial)
      const transaction = await (await connect(env)).identifiers.draw(shard)
      await phone.counters()
      await phone.ring({ ...POLICY, transaction, revision: revision(1_000_000) })
      return reasonOf(await phone.ring({ ...POLICY, transaction, revision: revision(1) }))
    },
  },
  shard_full: {
    reason: async () => {
      const ports = await connect(env)
      const full = env.TRANSACTIONS.get(env.TRANSACTIONS.idFromName('weur/78'))
      await full.status({ id: await ports.identifiers.draw({ ...shard, number: 78 }), wait: seconds(0) })
      await runInDurableObject(full, (_, { storage }) => {
        storage.sql.exec(`WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 50000)
          INSERT INTO opened (id, due, sequence, body) SELECT 'filler' || n, 9e15, NULL, '{}' FROM counted`)
      })
      await evictDurableObject(full)
      return reasonOf(await full.open(opening(await ports.identifiers.draw({ ...shard, number: 78 }), 'A')))
    },
  },
  id_taken: {
    reason: async () => {
      const { transactions, identifiers } = await connect(env)
      const id = await identifiers.draw(shard)
      await transactions.inShard(shard).open(opening(id, 'A'))
      return reasonOf(await transactions.inShard(shard).open(opening(id, 'B')))
    },
  },
} satisfies Record<string, InternalRefusal>
