import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { expect, it } from 'vitest'
import { sha256, utf8 } from '../../src/bytes.ts'
import { EventOutbox } from '../../src/objects/journal/event-outbox.ts'
import type { PushResult, Webhook } from '../../src/ports/webhooks.ts'
import { done, refuse } from '../../src/refusal.ts'
import { addSeconds, type Instant, type Serial, seconds } from '../../src/vocabulary.ts'
import type { SecurityEvent } from '../../src/vocabulary/security-events.ts'
import { FAR, valueOf } from './world.ts'

const HOUR = 3600
const ADA = { login: 'ada', realm: 'Sales' }

/** Hashes of ids, by which the outbox knows events. */
const NAMES = new Map(
  await Promise.all(
    [...Array.from({ length: 260 }, (_, number) => `e${number}`), 'other'].map(
      async (id) => [(await sha256(utf8(`nod/event/1 ${id}`))).slice(0, 32), id] as const,
    ),
  ),
)

const webhook = (id: string, more: Partial<Webhook> = {}): Webhook => ({
  id,
  name: `name of ${id}`,
  url: `https://${id}.example.com/`,
  audience: id,
  issuer: 'https://nod.example',
  createdAt: FAR,
  isActive: true,
  ...more,
})

const lockout = (id: string, more: Partial<SecurityEvent> = {}): SecurityEvent =>
  ({ type: 'lockout', id, at: FAR, owner: ADA, serial: 'PIPU1' as Serial, ...more }) as SecurityEvent

/** An outbox of its own, with receivers that answer as they are told. */
async function inOutbox(
  name: string,
  webhooks: readonly Webhook[],
  test: (world: {
    readonly outbox: EventOutbox
    readonly storage: DurableObjectStorage
    readonly sent: string[]
    readonly log: string[]
    readonly answers: Map<string, PushResult | Promise<PushResult>>
    /** Lets alarms go off when they are due, until one has sent something; answers the seconds until then. */
    readonly wait: () => Promise<number>
    readonly settled: () => Promise<void>
    readonly database: { isDown: boolean }
    /** The same outbox in a new process. */
    readonly restarted: () => EventOutbox
  }) => Promise<void>,
): Promise<void> {
  const stub = env.JOURNAL.get(env.JOURNAL.idFromName(name))
  await runInDurableObject(stub, async (_, { storage }) => {
    await storage.deleteAll()
    let now: Instant = FAR
    const work: Promise<unknown>[] = []
    const sent: string[] = []
    const log: string[] = []
    const answers = new Map<string, PushResult | Promise<PushResult>>()
    const database = { isDown: false }
    const ports = {
      now: () => now,
      log: (event: string, fields: object) => void log.push(`${event} ${JSON.stringify(fields)}`),
      webhooks: {
        list: async () =>
          database.isDown ? refuse({ reason: 'storage_unavailable', retryAfter: seconds(2) } as const) : done(webhooks),
        add: () => Promise.reject(new Error('not here')),
        delete: () => Promise.reject(new Error('not here')),
      },
      pushEvent: async ({ id }: Webhook, event: { readonly id: string }) => {
        sent.push(`${id} ${NAMES.get(event.id)}`)
        return done((await answers.get(id)) ?? ({ kind: 'accepted' } as const))
      },
    }
    const make = () => new EventOutbox(storage, ports, (promise) => void work.push(promise))
    const outbox = make()
    const settled = async () => {
      while (work.length > 0) await Promise.all(work.splice(0))
    }
    const wait = async () => {
      const [start, before] = [now, sent.length + log.length]
      while (sent.length + log.length === before) {
        now = (await storage.getAlarm()) as Instant
        await storage.deleteAlarm()
        outbox.alarm.take()
        await outbox.send()
        await settled()
      }
      return (now - start) / 1000
    }
    await test({ outbox, storage, sent, log, answers, wait, settled, database, restarted: make })
    await storage.deleteAlarm()
  })
}

it('sends an event to every webhook that hears of it, once, however often it is reported', async () => {
  const all = [
    webhook('all'),
    webhook('vpn', { service: 'vpn' }),
    webhook('mail', { service: 'mail' }),
    webhook('keys', { events: ['key_rotated'] }),
  ]
  await inOutbox('once', all, async ({ outbox, sent, settled, storage }) => {
    for (let time = 0; time < 3; time++) valueOf(await outbox.add(lockout('e1', { service: 'vpn' })))
    await settled()
    valueOf(await outbox.add(lockout('e1', { service: 'vpn' })))
    valueOf(await outbox.add({ type: 'key_rotated', id: 'e2', at: FAR, key: 'signing', keyId: 'k' }))
    await settled()
    expect(sent.toSorted()).toEqual(['all e1', 'all e2', 'keys e2', 'vpn e1'])
    // What is over leaves its id, and nothing of the user.
    const left = storage.sql.exec<{ id: string }>('SELECT id, realm, login, serial, body FROM events').toArray()
    const forgotten = { realm: null, login: null, serial: null, body: null }
    expect(new Map(left.map(({ id, ...rest }) => [NAMES.get(id), rest]))).toEqual(
      new Map(['e1', 'e2'].map((id) => [id, forgotten])),
    )
  })
})

it('waits longer after each failure, gives up after three days, and says so', async () => {
  await inOutbox('waits', [webhook('dead')], async ({ outbox, answers, wait, settled, log }) => {
    answers.set('dead', { kind: 'failed', why: 'HTTP 503 where 202 is expected', status: 503 })
    await outbox.add(lockout('e1'))
    await settled()
    const waits: number[] = []
    for (let time = 0; time < 9; time++) waits.push(await wait())
    expect(waits).toEqual([10, 30, 120, 600, 1800, HOUR, HOUR, HOUR, HOUR])
    let waited = waits.reduce((sum, one) => sum + one, 0)
    while (outbox.state().receivers[0]?.waiting === 1) waited += await wait()
    expect(waited).toBeGreaterThanOrEqual(72 * HOUR)
    expect(waited).toBeLessThan(73 * HOUR)
    expect(log.at(-1)).toMatch(/^webhook_event_given_up .*"name of dead"/)
    expect(outbox.state().receivers).toMatchObject([{ webhook: 'dead', waiting: 0, givenUp: 1 }])
  })
})

it('sends to the others while one receiver does not answer, or fails', async () => {
  await inOutbox(
    'slow',
    [webhook('slow'), webhook('dead'), webhook('well')],
    async ({ outbox, answers, sent, wait, settled }) => {
      const { promise, resolve } = Promise.withResolvers<PushResult>()
      answers.set('slow', promise)
      answers.set('dead', { kind: 'failed', why: 'no connection' })
      for (const id of ['e1', 'e2', 'e3']) await outbox.add(lockout(id))
      await expect.poll(() => sent.filter((one) => one.startsWith('well'))).toHaveLength(3)
      // One that fails is left alone for a while, and its events wait.
      expect(sent.filter((one) => one.startsWith('dead'))).toEqual(['dead e1'])
      expect(sent.filter((one) => one.startsWith('slow'))).toEqual(['slow e1'])
      resolve({ kind: 'accepted' })
      await settled()
      expect(new Set(sent.filter((one) => one.startsWith('slow')))).toEqual(new Set(['slow e1', 'slow e2', 'slow e3']))
      answers.delete('dead')
      await wait()
      expect(
        sent
          .filter((one) => one.startsWith('dead'))
          .slice(1)
          .toSorted(),
      ).toEqual(['dead e1', 'dead e2', 'dead e3'])
    },
  )
})

it('does not hold back other events because a receiver finds fault with one', async () => {
  await inOutbox('fault', [webhook('a')], async ({ outbox, answers, sent, settled }) => {
    answers.set('a', { kind: 'failed', why: 'HTTP 400', status: 400, error: 'invalid_request' })
    await outbox.add(lockout('e1'))
    await settled()
    answers.delete('a')
    await outbox.add(lockout('e2'))
    await settled()
    expect(sent).toEqual(['a e1', 'a e2'])
    expect(outbox.state().receivers).toMatchObject([{ waiting: 1 }])
  })
})

it('waits as long as a receiver asks it to', async () => {
  await inOutbox('retry-after', [webhook('a')], async ({ outbox, answers, wait, settled }) => {
    answers.set('a', { kind: 'failed', why: 'HTTP 429', status: 429, retryAfter: seconds(300) })
    await outbox.add(lockout('e1'))
    await settled()
    expect(await wait()).toBe(300)
  })
})

it('drops events of a type of which too many wait, counts them, and goes on with other types', async () => {
  await inOutbox('flood', [webhook('dead')], async ({ outbox, answers, log, settled }) => {
    answers.set('dead', { kind: 'failed', why: 'no connection' })
    for (let number = 0; number < 260; number++) await outbox.add(lockout(`e${number}`))
    await outbox.add({ type: 'bypass_code_used', id: 'other', at: FAR, owner: ADA })
    await settled()
    expect(outbox.state().receivers).toMatchObject([{ webhook: 'dead', waiting: 251, dropped: 10 }])
    expect(log.filter((one) => one.startsWith('webhook_event_dropped'))).toHaveLength(10)
  })
})

it('forgets the events of a user who is erased, before they are sent', async () => {
  await inOutbox('erased', [webhook('dead')], async ({ outbox, answers, storage, settled }) => {
    answers.set('dead', { kind: 'failed', why: 'no connection' })
    await outbox.add(lockout('e1'))
    await outbox.add(lockout('e2', { owner: { login: 'bob', realm: 'sales' } }))
    await settled()
    expect(outbox.of({ login: 'ada', realm: 'sales' })).toMatchObject([{ type: 'lockout', owner: ADA }])
    outbox.forgetUser({ login: 'ada', realm: 'sales' }, [])
    expect(outbox.of({ login: 'ada', realm: 'sales' })).toEqual([])
    expect(JSON.stringify(storage.sql.exec('SELECT * FROM events').toArray())).not.toContain('ada')
    expect(outbox.state().receivers).toMatchObject([{ waiting: 1 }])
  })
})

it('forgets what waits for a webhook that is deleted', async () => {
  const webhooks = [webhook('a'), webhook('b')]
  await inOutbox('deleted', webhooks, async ({ outbox, answers, storage, wait, settled }) => {
    answers.set('a', { kind: 'failed', why: 'no connection' })
    await outbox.add(lockout('e1'))
    await settled()
    webhooks.shift()
    await outbox.add(lockout('e2'))
    await wait()
    expect(outbox.state().receivers.map((one) => one.webhook)).toEqual(['b'])
    expect(storage.sql.exec('SELECT body FROM events').toArray()).toEqual([{ body: null }, { body: null }])
  })
})

it('keeps events while the database does not answer, and across a restart', async () => {
  await inOutbox('restart', [webhook('a')], async ({ outbox, sent, wait, settled, database, restarted }) => {
    database.isDown = true
    await outbox.add(lockout('e1'))
    await settled()
    expect(sent).toEqual([])
    database.isDown = false
    expect(await wait()).toBe(10)
    expect(sent).toEqual(['a e1'])
    expect(restarted().state().receivers).toMatchObject([{ webhook: 'a', waiting: 0, failures: 0 }])
  })
})

it('sends within a minute what a restart has interrupted', async () => {
  await inOutbox('interrupted', [webhook('a')], async ({ outbox, answers, sent, storage, restarted, settled }) => {
    const { promise, resolve } = Promise.withResolvers<PushResult>()
    answers.set('a', promise)
    await outbox.add(lockout('e1'))
    await expect.poll(() => sent).toHaveLength(1)
    expect(await storage.getAlarm()).toBe(addSeconds(FAR, seconds(60)))
    answers.delete('a')
    await restarted().send()
    await expect.poll(() => sent).toHaveLength(2)
    resolve({ kind: 'accepted' })
    await settled()
  })
})
