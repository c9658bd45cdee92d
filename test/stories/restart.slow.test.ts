import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { databaseFile, openSnapshot } from '../../scripts/nod/backup/local.ts'
import { flushAudit } from '../served/flush-audit.ts'
import { NodProcess } from '../served/nod-process.ts'
import { Phone } from '../simulation/phone.ts'
import { fields } from '../simulation/reply.ts'
import { Service } from '../simulation/service.ts'
import { only, waitUntil } from '../driver/waiting.ts'

/** Nod starts in a second or two; on a busy machine it takes its time. */
const PATIENCE = 90_000
/** Wrong PINs in all, and what the audit says of those and of logins that were used. */
const WRONG = 10
const ENDED = new Set(['finalized', 'wrong otp pin'])

let state = ''
let nod: NodProcess | undefined
let port = '0'

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'nod-restart-'))
  port = '0'
})
afterEach(async () => {
  nod?.kill('SIGTERM')
  await nod?.ended()
  rmSync(state, { recursive: true, force: true })
})

/** Nod on the state there is, always at the same address: that is where phones go. */
async function start(): Promise<string> {
  const settings = {
    NOD_STATE: state,
    PORT: port,
    ADMIN_LOGIN: 'admin',
    ADMIN_PASSWORD: 'adminpw-of-tests',
    SIGNING_KEY_BITS: '2048',
    AUDIT_STRANGER_RECORDS_PER_HOUR: '100000',
  }
  nod = new NodProcess(settings)
  const url = await nod.url()
  port = new URL(url).port
  return url
}

/** Everything of it ends at once, and can do nothing about it. */
async function crash(): Promise<void> {
  for (const child of nod?.children() ?? []) process.kill(child, 'SIGKILL')
  nod?.kill('SIGKILL')
  await nod?.ended()
}

async function restart(): Promise<void> {
  await crash()
  await start()
}

let service: Service

async function enroll(user: string, pin = ''): Promise<{ phone: Phone; serial: string; user: string }> {
  const { serial = '', pushurl } = await service.init({ user, pin })
  const phone = new Phone()
  await phone.register(phone.scan(pushurl?.value ?? ''))
  return { phone, serial, user }
}

async function accepted(user: string): Promise<string> {
  const { phone } = await enroll(user)
  const { transactionId } = await service.trigger(user)
  expect(await phone.accept(only(await phone.poll()))).toMatchObject({ taken: true })
  return transactionId
}

async function failures(serial: string): Promise<unknown> {
  const { value } = await service.call('GET', '/token/', { query: { serial } })
  const { tokens } = fields(value)
  return fields(Array.isArray(tokens) ? tokens[0] : undefined)['failcount']
}

/** The audit as it lies on the disk, once nobody serves any more. */
function audit(): {
  transaction_id: string | null
  action: string
  success: number
  info: string
  steps: string | null
}[] {
  const database = openSnapshot(databaseFile(state))
  try {
    return database.prepare('SELECT transaction_id, action, success, info, steps FROM audit').all() as ReturnType<
      typeof audit
    >
  } finally {
    database.close()
  }
}

describe('after everything was killed', () => {
  it('what was acknowledged is still so', { timeout: PATIENCE }, async () => {
    service = new Service({ baseUrl: await start() })
    await service.auth('admin', 'adminpw-of-tests')
    await service.setPolicy('codes', 'authentication', { push_code_to_phone: true }, { user: ['eve'] })

    const ada = await enroll('ada')
    const triggered = await service.trigger('ada')
    const yes = await accepted('bob')
    const used = await accepted('carla')
    expect(await service.finalize(used)).toBe('ACCEPT')
    const dora = await enroll('dora')
    const no = await service.trigger('dora')
    await dora.phone.decline(only(await dora.phone.poll()), { reason: 'cancelled' })
    const eve = await enroll('eve')
    const typed = await service.trigger('eve')
    const { displayCode = '' } = await eve.phone.accept(only(await eve.phone.poll()))
    const frida = await enroll('frida', '1234')
    for (let round = 0; round < 3; round++) await service.check({ user: 'frida', pass: '4321' })
    await restart()

    expect(await service.status(triggered.transactionId)).toBe('pending')
    expect(await ada.phone.accept(only(await ada.phone.poll()))).toMatchObject({ taken: true })
    expect(await service.status(yes)).toBe('accept')
    expect(await service.finalize(yes)).toBe('ACCEPT')
    expect(await service.finalize(used)).toBe('REJECT')
    expect(await service.status(no.transactionId)).toBe('cancelled')
    expect(await service.finalize(no.transactionId)).toBe('REJECT')
    expect(await service.finalize(typed.transactionId, 'eve', { pass: displayCode })).toBe('ACCEPT')
    expect(await failures(frida.serial)).toBe(3)
    await restart()

    for (const transactionId of [yes, used, typed.transactionId])
      expect(await service.finalize(transactionId, undefined, { pass: displayCode })).toBe('REJECT')
    expect(await service.finalize(triggered.transactionId)).toBe('ACCEPT')
    for (let round = 0; round < 7; round++) await service.check({ user: 'frida', pass: '4321' })
    await restart()

    expect(await service.finalize(triggered.transactionId)).toBe('REJECT')
    expect((await service.check({ user: 'frida', pass: '1234' })).detail.message).toBe('Failcounter exceeded')
    expect(await failures(frida.serial)).toBe(10)
    // What had not reached the audit before reaches it now: each login once.
    await flushAudit(service)
    const ids = [yes, used, typed.transactionId, triggered.transactionId]
    const arrived = async () => audit().filter(({ info }) => ENDED.has(info)).length >= ids.length + WRONG
    expect(await waitUntil(arrived, 15_000)).toBe(true)
    nod?.kill('SIGTERM')
    await nod?.ended()
    const records = audit()
    for (const id of ids) {
      // A finalize that was refused names the login too, and has no steps.
      const record = only(records.filter((one) => one.transaction_id === id && one.steps !== null))
      expect(record).toMatchObject({ success: 1, info: 'finalized' })
      expect(JSON.parse(record.steps ?? '[]')).toContainEqual(expect.objectContaining({ kind: 'finalized' }))
    }
    expect(records.filter(({ info }) => info === 'wrong otp pin')).toHaveLength(WRONG)
  })

  it('no login is used twice, and no yes is lost, even those in full flight', { timeout: PATIENCE }, async () => {
    service = new Service({ baseUrl: await start() })
    await service.auth('admin', 'adminpw-of-tests')
    const users = Array.from({ length: 12 }, (_, at) => `user${at}`)
    const asked = await Promise.all(
      users.map(async (user) => {
        const { phone } = await enroll(user)
        const { transactionId } = await service.trigger(user)
        return { phone, transactionId, prompt: only(await phone.poll()) }
      }),
    )

    // A yes from each, while everything ends: who was thanked was heard.
    const forms = await Promise.all(
      asked.map(async ({ phone, prompt: { nonce, serial, url } }) => {
        const signature = await phone.sign(`${nonce}|${serial}`)
        return () => phone.post(url, { nonce, serial, signature })
      }),
    )
    const thanked = forms.map((send) =>
      send().then(
        ({ value }) => value === true,
        () => false,
      ),
    )
    await Promise.race(thanked)
    await crash()
    const heard = await Promise.all(thanked)
    await start()
    expect(heard).toContain(true)
    for (const [at, { phone, prompt, transactionId }] of asked.entries()) {
      if (!heard[at]) await phone.accept(prompt)
      expect(await service.status(transactionId)).toBe('accept')
    }

    // All of them used, while everything ends: who was let in is not let in again.
    const tries = asked.map(({ transactionId }) => service.finalize(transactionId).catch(() => 'no answer'))
    await Promise.race(tries)
    await crash()
    const first = await Promise.all(tries)
    await start()
    expect(first).toContain('ACCEPT')
    for (const [at, { transactionId }] of asked.entries()) {
      const again = [await service.finalize(transactionId), await service.finalize(transactionId)]
      const times = [first[at], ...again].filter((outcome) => outcome === 'ACCEPT').length
      // Without an answer it may have been used, and nobody was told; never twice.
      expect(times, `${first[at]}, then ${again}`).toBeLessThanOrEqual(1)
      if (first[at] !== 'ACCEPT') continue
      expect(again).toEqual(['REJECT', 'REJECT'])
    }
  })
})
