/** Faults of Google: it refuses, hangs, or accepts a message and does not deliver it. A phone that polls gets its prompt all the
 *  same. */
import type { Behavior } from '../simulation/google.ts'
import type { RowResult, Group, Row } from './matrix.ts'
import type { EnrolledUser } from '../driver/driver.ts'
import { sleep, waitUntil } from '../driver/waiting.ts'
import type { World } from './world.ts'

const HINT = 'with the hint to poll'
const POLLED = 'the phone polls'
const PUSHED = 'pushed again by itself'

interface OfMessage {
  readonly fault: string
  readonly behavior: Behavior
  /** How many times; every time if undefined. */
  readonly times?: number
  /** What a service is answered that asks for the outcome of the delivery (`exception=1`). */
  readonly asked: string
  readonly recovered: string
  /** Messages that Google is sent in the first login and, if its registration token is in quarantine, in the next. */
  readonly quarantined?: true
  readonly quick?: true
}

const refuse = (status: number, errorCode?: string, retryAfter?: number): Behavior => ({
  do: 'refuse',
  status,
  ...(errorCode === undefined ? {} : { errorCode }),
  ...(retryAfter === undefined ? {} : { retryAfter }),
})
const NOT_SENT = '400/401'
const QUARANTINED = `${POLLED}; nothing more is sent until it names another registration token`

const OF_MESSAGES: readonly OfMessage[] = [
  {
    fault: '400 for the registration token',
    behavior: refuse(400),
    asked: NOT_SENT,
    recovered: QUARANTINED,
    quarantined: true,
  },
  {
    fault: '401, the access token taken back',
    behavior: refuse(401),
    times: 1,
    asked: 'CHALLENGE',
    recovered: PUSHED,
    quick: true,
  },
  { fault: '401, the account locked', behavior: refuse(401), asked: NOT_SENT, recovered: POLLED },
  { fault: '403, another project', behavior: refuse(403, 'SENDER_ID_MISMATCH'), asked: NOT_SENT, recovered: POLLED },
  {
    fault: '404, unregistered',
    behavior: refuse(404, 'UNREGISTERED'),
    asked: NOT_SENT,
    recovered: QUARANTINED,
    quarantined: true,
  },
  {
    fault: '429, come again in 2 s',
    behavior: refuse(429, 'QUOTA_EXCEEDED', 2),
    times: 1,
    asked: NOT_SENT,
    recovered: PUSHED,
  },
  {
    fault: '429, come again in an hour',
    behavior: refuse(429, 'QUOTA_EXCEEDED', 3600),
    asked: NOT_SENT,
    recovered: POLLED,
  },
  { fault: '500 once', behavior: refuse(500), times: 1, asked: NOT_SENT, recovered: PUSHED },
  {
    fault: '503, come again in 1 s',
    behavior: refuse(503, 'UNAVAILABLE', 1),
    times: 1,
    asked: NOT_SENT,
    recovered: PUSHED,
    quick: true,
  },
  { fault: '503 always', behavior: refuse(503), asked: NOT_SENT, recovered: POLLED },
  { fault: 'it hangs', behavior: { do: 'hang' }, asked: 'CHALLENGE', recovered: POLLED },
  {
    fault: 'the connection is cut',
    behavior: { do: 'reset' },
    times: 1,
    asked: NOT_SENT,
    recovered: PUSHED,
    quick: true,
  },
  { fault: 'it says 200 and delivers nothing', behavior: { do: 'drop' }, asked: 'CHALLENGE', recovered: POLLED },
]

/** What the service is answered: in an ordinary login at once; with `exception=1`, after the delivery. */
const rowOf = (of: OfMessage): Row => ({
  fault: of.fault,
  step: 'delivery',
  seen: `CHALLENGE; ${of.asked} where it asks to hear of it`,
  recovered: of.recovered,
  ...(of.quick === true ? { quick: true } : {}),
  run: (world) => deliver(world, of),
})

async function deliver(world: World, { behavior, times, quarantined }: OfMessage): Promise<RowResult> {
  const realm = await world.addFirebaseRealm()
  const { owner, phone, serial } = await world.enrollNewUser({ realm })
  const { registrationToken } = phone
  const order = { at: 'messages', behavior, registrationToken, ...(times === undefined ? {} : { times }) } as const
  const sent = () => world.google.messages.filter((message) => message.registrationToken === registrationToken)
  const lost: string[] = []

  world.google.behave(order)
  const reply = await world.service.triggerchallenge(owner)
  const first = `${reply.authentication ?? reply.status}${reply.detail.message?.includes('polling feature') ? `, ${HINT}` : ''}`
  const pushed = await arrives(() => sent().some(({ answered }) => answered === 200))
  const [prompt] = await phone.poll(serial)
  if (prompt !== undefined) await phone.accept(prompt)
  const id = reply.detail.transaction_id ?? ''
  const used = await world.service.finalize(id, owner)
  if (used !== 'ACCEPT') lost.push(`the login: ${used}`)

  const messagesBefore = sent().length
  const isLeftAlone = quarantined === true && (await quarantine(world, { owner, phone, serial }))

  // Another phone, because the first may be quarantined.
  const other = await world.enrollNewUser({ realm })
  world.google.behave({ ...order, registrationToken: other.phone.registrationToken })
  const asked = await world.service.triggerchallenge({ ...other.owner, exception: '1' })
  const outcome = asked.authentication ?? `${asked.status}/${asked.error?.code}`
  // By now a message that the quarantined phone was sent would have arrived.
  const isQuarantined = isLeftAlone && sent().length === messagesBefore
  const recovered = isQuarantined ? QUARANTINED : pushed ? PUSHED : POLLED
  return { seen: `${first}; ${outcome} where it asks to hear of it`, recovered, lost, finalized: [id] }
}

/** Whether a quarantined phone is left alone, and is reached again once its registration token is replaced. */
async function quarantine(world: World, { owner, phone, serial }: EnrolledUser): Promise<boolean> {
  await arrives(async () => (await why(world, serial)) === 'quarantined')
  const next = await world.service.triggerchallenge(owner)
  await phone.refresh(serial, `${phone.registrationToken}-anew`)
  const isRevived = (await why(world, serial)) === null
  await world.service.call('DELETE', `/token/challenges/transaction/${next.detail.transaction_id ?? ''}`)
  return isRevived && next.detail.message?.includes('polling feature') === true
}

async function why(world: World, serial: string): Promise<unknown> {
  const { value } = await world.service.call('GET', '/report/phones', { query: { serial, why: '*' } })
  return (value as { phones: readonly { why: unknown }[] }).phones[0]?.why
}

/** Waits four seconds at most: longer than a delivery is tried again. */
const arrives = (condition: () => boolean | Promise<boolean>): Promise<boolean> => waitUntil(condition, 4000)

export const messages: Group = { name: 'FCM', atOnce: true, rows: OF_MESSAGES.map(rowOf) }

/** A row about Google's token endpoint, with a Firebase configuration that has no access token yet. */
const ofTokens = (fault: string, behavior: Behavior, recovered: string): Row => ({
  fault,
  step: 'delivery',
  seen: 'CHALLENGE',
  recovered,
  run: async (world) => {
    const { owner, phone, serial } = await world.enrollNewUser({ realm: await world.addFirebaseRealm() })
    world.google.behave({ at: 'token', behavior })
    const { transactionId } = await world.service.trigger(owner)
    const pushed = await arrives(() =>
      world.google.messages.some(
        ({ registrationToken, answered }) => registrationToken === phone.registrationToken && answered === 200,
      ),
    )
    world.google.behave()
    const [prompt] = await phone.poll(serial)
    if (prompt !== undefined) await phone.accept(prompt)
    const used = await world.service.finalize(transactionId)
    const lost = used === 'ACCEPT' ? [] : [`the login: ${used}`]
    return { seen: 'CHALLENGE', recovered: pushed ? 'pushed by itself' : POLLED, lost, finalized: [transactionId] }
  },
})

const breaker: Row = {
  fault: 'five messages in a row fail',
  step: 'the sixth login',
  seen: `CHALLENGE, ${HINT}; 400/401 where it asks to hear of it, at once`,
  recovered: `${POLLED}; Google is asked again after 30 s`,
  run: async (world) => {
    const { owner, phone, serial } = await world.enrollNewUser({ realm: await world.addFirebaseRealm() })
    const { registrationToken } = phone
    const sent = () => world.google.messages.filter((message) => message.registrationToken === registrationToken)
    world.google.behave({ at: 'messages', behavior: { do: 'refuse', status: 503 }, registrationToken })
    for (let round = 0; round < 5; round++) await world.service.triggerchallenge({ ...owner, exception: '1' })
    const tripped = Date.now()
    const before = sent().length
    const asked = await world.service.triggerchallenge({ ...owner, exception: '1' })
    const login = await world.service.trigger(owner)
    const [prompt] = await phone.poll(serial)
    if (prompt !== undefined) await phone.accept(prompt)
    const used = await world.service.finalize(login.transactionId)
    const silent = sent().length === before && Date.now() - tripped < 3000
    world.google.behave()
    await sleep(31_000 - (Date.now() - tripped))
    const next = await world.service.trigger(owner)
    const again = await arrives(() => sent().some(({ answered }) => answered === 200))
    await world.service.call('DELETE', `/token/challenges/transaction/${next.transactionId}`)
    return {
      seen: `CHALLENGE${login.message.includes('polling feature') ? `, ${HINT}` : ''}; ${asked.status}/${asked.error?.code} where it asks to hear of it${silent ? ', at once' : ''}`,
      recovered: again ? `${POLLED}; Google is asked again after 30 s` : 'no',
      lost: used === 'ACCEPT' ? [] : [`the login: ${used}`],
      finalized: [login.transactionId],
    }
  },
}

export const tokenEndpoint: Group = {
  name: 'Google’s token endpoint, and the breaker',
  rows: [
    ofTokens('it is down', { do: 'reset' }, POLLED),
    ofTokens('it answers 503', { do: 'refuse', status: 503 }, POLLED),
    ofTokens('it refuses the account', { do: 'refuse', status: 400 }, POLLED),
    ofTokens('it is slow: 2 s', { do: 'delay', milliseconds: 2000 }, 'pushed by itself'),
    ofTokens('it hangs', { do: 'hang' }, POLLED),
    breaker,
  ],
}
