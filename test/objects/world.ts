/** What the object tests have in common: tokens in the catalogue, logins to open, and phones that sign. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, vi } from 'vitest'
import { connect, disconnect } from '../../src/connect.ts'
import { Transactions } from '../../src/index.ts'
import type { OpenRequest } from '../../src/ports/transactions-object.ts'
import type { AnswerRequest, RingRequest } from '../../src/ports/phone-object.ts'
import { decodeBase32 } from '../../src/protocol/encoding/base32.ts'
import { answerText } from '../../src/protocol/phone/signed-texts.ts'
import type { Outcome } from '../../src/refusal.ts'
import type { Challenge, Transaction } from '../../src/rules/login/transaction.ts'
import {
  addSeconds,
  instant,
  type Owner,
  type Revision,
  seconds,
  type Serial,
  type TransactionId,
} from '../../src/vocabulary.ts'
import { PHONE_KEYS } from '../simulation/keys.ts'
import { type Keys, keysFromPem, publicKeyText, signed } from '../simulation/phone/signing.ts'

/** Of this file of tests, from its setup on. */
export let ports = await connect(env)

export async function reconnect(): Promise<void> {
  disconnect()
  ports = await connect(env)
}

/** No alarm fires by itself when time stands here: they run when a test says so. */
export const FAR = instant(Date.UTC(2036, 0, 1, 9))

export const stubOf = (serial: string) => env.PHONE.get(env.PHONE.idFromName(serial))
export const shardStub = (number: number) => env.TRANSACTIONS.get(env.TRANSACTIONS.idFromName(`weur/${number}`))
export const journalStub = () => env.JOURNAL.get(env.JOURNAL.idFromName('journal'))
/** The deployment's hourly rounds, now. */
export const housekeeping = () => runDurableObjectAlarm(journalStub())

/** Deletes what an object has stored and what it has in memory. */
export async function emptyObject(stub: DurableObjectStub): Promise<void> {
  await runInDurableObject(stub, (_, { storage }) => storage.deleteAll())
  await evictDurableObject(stub)
}

export const shard = (number: number) => ports.transactions.inShard({ region: 'weur', number })
export const drawId = (number = 0): Promise<TransactionId> => ports.identifiers.draw({ region: 'weur', number })

export function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`refused: ${JSON.stringify(outcome.refusal)}`)
  return outcome.value
}

/** Why it was refused; `ok` if it was not. */
export const verdict = (outcome: Outcome<unknown>): string => (outcome.ok ? 'ok' : outcome.refusal.reason)

const keys = new Map<number, Promise<Keys>>()
function keysOf(index: number): Promise<Keys> {
  const loaded = keys.get(index) ?? keysFromPem(PHONE_KEYS[index] ?? '')
  keys.set(index, loaded)
  return loaded
}

const auditEntry = (action: string) => ({ at: ports.now(), action, administrator: 'grace', address: '192.0.2.7' })

const tokenOf = (serial: Serial, firebase: string, maxAttempts: number) => ({
  serial,
  type: 'push' as const,
  description: '',
  firebase,
  registrationUrl: 'https://nod.example/ttype/push',
  signingKey: 'k2048-1',
  maxAttempts,
  credentialHash: `hash of ${serial}`,
  credentialExpires: addSeconds(ports.now(), seconds(600)),
})

async function register(serial: Serial, key: number): Promise<void> {
  const registered = await ports.tokens.registerPhone({
    serial,
    credentialHash: `hash of ${serial}`,
    digest: 'digest',
    phoneKey: await publicKeyText(await keysOf(key)),
    registrationToken: `registration token of ${serial}`,
    at: ports.now(),
  })
  expect(registered).toEqual({ ok: true, value: true })
}

/** Another phone holds the token from now on, as far as the catalogue knows. */
export async function registerAnew(serial: Serial, key: number): Promise<void> {
  const renewed = await ports.tokens.renew(tokenOf(serial, 'poll only', 10), auditEntry('POST /token/init'))
  expect(renewed).toEqual({ ok: true, value: true })
  await register(serial, key)
}

interface Enrolled {
  readonly serial: Serial
  readonly key: number
  readonly pin?: string
}

/** A phone that holds a token, poll-only unless said otherwise. */
export async function enroll(
  name: string,
  more: { pin?: string; owner?: Owner; firebase?: string; key?: number; maxAttempts?: number } = {},
): Promise<Enrolled> {
  const serial = name as Serial
  const { pin, owner, firebase = 'poll only', key = 0, maxAttempts = 10 } = more
  const token = {
    ...tokenOf(serial, firebase, maxAttempts),
    ...(owner === undefined ? {} : { owner }),
    ...(pin === undefined ? {} : { pin: await ports.pins.seal(serial, pin) }),
  }
  expect(await ports.tokens.add(token, auditEntry('POST /token/init'))).toEqual({ ok: true, value: true })
  await register(serial, key)
  return { serial, key, ...(pin === undefined ? {} : { pin }) }
}

export const revisionOf = async (serial: string): Promise<Revision> =>
  valueOf(await ports.tokens.record(serial as Serial))?.revision ?? (0 as Revision)

/** Changes the catalogue behind the Phone's back: what another isolate, or a process that died, leaves. */
export const changeRow = async (serial: Serial, change: Parameters<typeof ports.tokens.change>[1]) =>
  expect(await ports.tokens.change(serial, change, auditEntry('POST /token'))).toEqual({ ok: true, value: true })

/** A ring for a login of its own, asked as a trigger would. */
export async function ringOf(serial: Serial, pin?: string, more: Partial<RingRequest> = {}): Promise<RingRequest> {
  return {
    transaction: await drawId(),
    revision: await revisionOf(serial),
    until: addSeconds(ports.now(), seconds(120)),
    polling: 'allow',
    ...(pin === undefined ? {} : { pin: { entry: pin, source: 'token' as const } }),
    ...more,
  }
}

export const signedBy = async (key: number, text: string) => {
  const signature = decodeBase32(await signed(text, await keysOf(key)))
  if (signature === undefined) throw new Error('not base32')
  return signature
}

export interface Drawn {
  readonly id: TransactionId
  readonly opening: OpenRequest
  /** What one of its phones says, signed. */
  readonly say: (
    serial: Serial,
    said?: { decline?: boolean; reason?: string; presence?: string; key?: number },
  ) => Promise<AnswerRequest>
}

/** A login for these phones, ready to be opened in this shard. */
export async function drawLogin(
  number: number,
  phones: readonly Enrolled[],
  more: Partial<Transaction> = {},
  part: Partial<Challenge> = {},
): Promise<Drawn> {
  const id = await drawId(number)
  const now = ports.now()
  const challenges = await Promise.all(
    phones.map(async ({ serial, key }): Promise<Challenge> => ({
      serial,
      type: 'push',
      nonce: await ports.identifiers.nonceFor(id, ports.random(32)),
      mode: 'standard',
      phoneKey: await publicKeyText(await keysOf(key)),
      revision: await revisionOf(serial),
      prompt: { nonce: serial },
      context: {},
      salt: 'salt',
      state: 'pending',
      ...part,
    })),
  )
  const transaction: Transaction = {
    id,
    userInput: { user: 'ada' },
    openedBy: 'POST /validate/check',
    address: '192.0.2.7',
    userAgent: 'test',
    openedAt: now,
    answerBy: addSeconds(now, seconds(120)),
    grace: seconds(300),
    wrongCodes: 0,
    challenges,
    steps: [{ at: now, kind: 'opened' }],
    ...more,
  }
  return {
    id,
    opening: { transaction, release: [], deliveryWait: seconds(0) },
    say: async (serial, { key, ...said } = {}) => {
      const nonce = challenges.find((one) => one.serial === serial)?.nonce ?? ''
      const text = answerText(nonce, serial, { decline: false, ...said })
      const by = key ?? phones.find((one) => one.serial === serial)?.key ?? 0
      return { type: 'push', serial, nonce, decline: false, ...said, signature: await signedBy(by, text) }
    },
  }
}

/** Opened in its shard, and rung on its phones. */
export async function openLogin(...drawn: Parameters<typeof drawLogin>): Promise<Drawn> {
  const login = await drawLogin(...drawn)
  for (const { serial } of drawn[1])
    valueOf(await ports.phones.of(serial).ring(await ringOf(serial, undefined, { transaction: login.id })))
  valueOf(await shard(drawn[0]).open(login.opening))
  return login
}

/** Asks a phone whether a login may finish, as a shard does; one of its own unless said otherwise. */
export const finish = async (serial: Serial, id?: TransactionId, key = 0) =>
  ports.phones
    .of(serial)
    .finalize({ transaction: id ?? (await drawId()), phoneKey: await publicKeyText(await keysOf(key)) })

/** The phone's alarm, when the catalogue cannot be writing any more what was begun before. */
export async function takeUp(serial: Serial): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'], now: addSeconds(ports.now(), seconds(2.5)) })
  await runDurableObjectAlarm(stubOf(serial))
  vi.useRealTimers()
}

export const finalizing = (id: TransactionId) => ({ id, userInput: { user: 'ada' }, admitted: true, entry: '' })

/** The shard of this name fails when it is asked for what it has not handed over; all others answer. */
export function failPendingAudit(name: string, fails: () => Promise<never>): { mockRestore(): void } {
  const page = Reflect.get(Transactions.prototype, 'pendingAudit') as () => Promise<never>
  const spy = vi.spyOn(Transactions.prototype, 'pendingAudit')
  return spy.mockImplementation(async function (this: Transactions, ...asked) {
    const { id } = Reflect.get(this, 'ctx') as DurableObjectState
    return id.name === name ? fails() : Reflect.apply(page, this, asked)
  })
}

/** Waits until what goes on in the background has come to this. Time that stands still stays so. */
export async function eventually(check: () => unknown): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await check()
      return
    } catch (error) {
      if (tries >= 4000) throw error
      await scheduler.wait(5)
    }
  }
}

/** Holds up the next call of this method of Web Crypto until `proceed`. */
export function delayCrypto(method: 'verify' | 'deriveBits') {
  const { promise: proceeding, resolve: proceed } = Promise.withResolvers<void>()
  const subtle = Object.getPrototypeOf(crypto.subtle) as SubtleCrypto
  const original = Reflect.get(subtle, method) as (...args: unknown[]) => Promise<never>
  const spy = vi.spyOn(subtle, method).mockImplementationOnce(async function (this: SubtleCrypto, ...args: unknown[]) {
    await proceeding
    return Reflect.apply(original, this, args)
  })
  return { proceed, reached: () => eventually(() => expect(spy).toHaveBeenCalled()) }
}

/** The rows of a table, without the columns that are computed: as a restore puts them back. */
export async function storedRows(table: string): Promise<Record<string, unknown>[]> {
  const stored = env.DB.prepare('SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0').bind(table)
  const columns = (await stored.all<{ name: string }>()).results.map(({ name }) => name)
  return (await env.DB.prepare(`SELECT ${columns.join(', ')} FROM ${table}`).all()).results
}
