/** One login in the world: a service in one region, a phone in another, and when each step was done. */
import type { Client } from '../client.ts'
import { accept, type Phone } from '../fleet.ts'
import type { Google } from '../google.ts'
import { sleep } from '../latency-during.ts'

/** Milliseconds of each step of a login. */
export interface Steps {
  /** The request that opens it, until it is answered. */
  readonly trigger: number
  /** From that request until Google has the push. */
  readonly delivery: number
  /** The phone's answer, until it is answered. */
  readonly answer: number
  /** From the phone's answer until the service that waits has heard of it. */
  readonly wake: number
  readonly finalize: number
  /** From the request to the push, and from the phone's answer to the end: all but the human. */
  readonly system: number
}
export const STEPS = ['trigger', 'delivery', 'answer', 'wake', 'finalize', 'system'] as const

/** A server that logs people in. */
export interface Server {
  /** A client of the service, in its region. */
  readonly service: Client
  /** A client of the phone, in its region. */
  readonly phone: Client
  readonly google: Google
  /** The service's API token. */
  readonly token: string
  /** Returns once the login is accepted. */
  readonly wait: (service: Client, id: string) => Promise<void>
}

/** One request that is answered when the login is decided. */
export async function waitInOneRequest(service: Client, id: string): Promise<void> {
  const { value } = await service.call('wait', 'GET', `/validate/polltransaction/${id}?wait=30`)
  if (value !== true) throw new Error(`nobody accepted ${id}`)
}

/** Asks twice a second, as privacyIDEA's PAM module does. */
export async function pollTwiceASecond(service: Client, id: string): Promise<void> {
  for (let isAccepted = false; !isAccepted;) {
    await sleep(500)
    isAccepted = (await service.call('wait', 'GET', `/validate/polltransaction/${id}`)).value === true
  }
}

/** How long the human takes: long enough for the service's next request to reach the login, wherever that is. */
const HUMAN_MS = 600

/** Logs the phone in. `atStep` is called after each request is answered. */
export async function logIn(
  { service, phone: own, google, token, wait }: Server,
  phone: Phone,
  atStep: (step: 'trigger' | 'wait' | 'answer' | 'finalize') => Promise<void> = async () => undefined,
): Promise<Steps> {
  const pushed = google.next(phone.serial)
  const started = performance.now()
  const at = (): number => performance.now() - started
  const [delivered, { id, trigger }] = await Promise.all([
    pushed.then((nonce) => ({ nonce, delivery: at() })),
    service
      .call('trigger', 'POST', '/validate/triggerchallenge', { user: phone.user }, { Authorization: token })
      .then(({ detail }) => ({ id: String(detail?.['transaction_id']), trigger: at() })),
  ])
  await atStep('trigger')
  const waits = wait(service, id)
  await sleep(HUMAN_MS)

  await atStep('wait')
  const answered = performance.now()
  const since = (): number => performance.now() - answered
  const [answer, wake] = await Promise.all([accept(own, phone, delivered.nonce).then(since), waits.then(since)])
  await atStep('answer')
  const asked = performance.now()
  const used = await service.call('finalize', 'POST', '/validate/check', {
    user: phone.user,
    pass: '',
    transaction_id: id,
  })
  if (used.value !== true) throw new Error(`the login of ${phone.user} failed`)
  const finalize = performance.now() - asked
  await atStep('finalize')
  return {
    trigger,
    delivery: delivered.delivery,
    answer,
    wake,
    finalize,
    system: delivered.delivery + wake + finalize,
  }
}
