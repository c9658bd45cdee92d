import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Driver } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { google, openConnection, openNod, url } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('watching')
})
afterAll(() => nod.close())

interface Event {
  readonly id: string
  readonly status: unknown
  readonly value: unknown
}

/** What a login page's EventSource makes of a stream; its own words for the parts of one. */
class Listener {
  readonly events: Event[] = []
  readonly ended: Promise<void>
  readonly status: number
  static async to(id: string, headers: Readonly<Record<string, string>> = {}): Promise<Listener> {
    return new Listener(await fetch(`${url}/transaction/${id}/events`, { headers }))
  }

  private constructor(response: Response) {
    this.status = response.status
    this.ended = this.#read(response).catch(() => undefined)
  }

  async #read(response: Response): Promise<void> {
    let text = ''
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        this.#take(text.slice(0, end))
        text = text.slice(end + 2)
      }
    }
  }

  #take(block: string): void {
    const lines = block.split('\n').map((line) => /^(\w+): (.*)$/.exec(line))
    const of = (name: string) => lines.find((line) => line?.[1] === name)?.[2] ?? ''
    if (of('data') === '') return
    const { result, detail } = JSON.parse(of('data')) as Record<string, unknown>
    this.events.push({ id: of('id'), status: fields(detail)['challenge_status'], value: fields(result)['value'] })
  }
}

describe('a login page that listens', () => {
  it('gets the status at once, then the outcome, and nothing after that', async () => {
    const { phone, owner } = await nod.enroll('ada')
    const login = await nod.service.trigger(owner)
    const page = await Listener.to(login.transactionId)
    await waitUntil(async () => page.events.length === 1)
    await phone.accept(only(await phone.poll()))
    await page.ended
    expect(page.events).toEqual([
      { id: 'pending', status: 'pending', value: false },
      { id: 'accept', status: 'accept', value: true },
    ])
    expect(await nod.service.finalize(login.transactionId)).toBe('ACCEPT')
  })

  it.each([
    ['declined', {}],
    ['cancelled', { reason: 'cancelled' }],
  ] as const)('hears that it was %s', async (status, how) => {
    const { phone, owner } = await nod.enroll(`bob-${status}`)
    const login = await nod.service.trigger(owner)
    const page = await Listener.to(login.transactionId)
    await phone.decline(only(await phone.poll()), how)
    await page.ended
    expect(page.events.at(-1)).toEqual({ id: status, status, value: false })
  })

  it('gets no more events when it reconnects after the end, as browsers do by themselves', async () => {
    const { phone, owner } = await nod.enroll('carla')
    const login = await nod.service.trigger(owner)
    await phone.accept(only(await phone.poll()))
    const first = await Listener.to(login.transactionId)
    await first.ended
    expect(first.events).toEqual([{ id: 'accept', status: 'accept', value: true }])
    expect((await Listener.to(login.transactionId, { 'Last-Event-ID': 'accept' })).status).toBe(204)
    await nod.service.finalize(login.transactionId)
    const late = await Listener.to(login.transactionId, { 'Last-Event-ID': 'accept' })
    await late.ended
    expect(late.events).toEqual([{ id: 'over', status: 'pending', value: false }])
    expect((await Listener.to(login.transactionId, { 'Last-Event-ID': 'over' })).status).toBe(204)
  })

  it('gets the same answer for a login that never was as for one that is over', async () => {
    const page = await Listener.to('00000000000000000001')
    await page.ended
    expect(page.events).toEqual([{ id: 'over', status: 'pending', value: false }])
  })

  it.each([
    ['listens', (id: string) => `/transaction/${id}/events`],
    ['waits', (id: string) => `/validate/polltransaction/${id}?wait=20`],
  ])('takes the place of no other once it has left: one that %s', async (how, path) => {
    const { phone, owner } = await nod.enroll(`dora owner ${how}`)
    const { transactionId: id } = await nod.service.trigger(owner)
    const pages = await Promise.all(Array.from({ length: 8 }, () => openConnection(url)))
    for (const page of pages) page.write(`GET ${path(id)} HTTP/1.1\r\nHost: nod\r\n\r\n`)
    const poll = (wait: string) => nod.service.call('GET', `/validate/polltransaction/${id}`, { query: { wait } })
    // A poll that waits takes a place, too: none is sent before the pages have theirs.
    for (const _ of pages) await poll('0')
    expect(await waitUntil(async () => (await poll('0.01')).status === 503)).toBe(true)
    const ninth = await poll('20')
    expect([ninth.status, ninth.headers.get('Retry-After')]).toEqual([503, '5'])
    // A connection that is only closed looks to workerd like one whose caller still listens: these are cut.
    for (const page of pages) page.resetAndDestroy()
    expect(await waitUntil(async () => (await poll('0.01')).status === 200)).toBe(true)
    const waiting = poll('20')
    await phone.accept(only(await phone.poll()))
    expect((await waiting).detail.challenge_status).toBe('accept')
  })
})

describe('the timeline of a login', () => {
  const steps = (value: unknown) =>
    (fields(value)['steps'] as readonly Record<string, unknown>[]).map(({ event }) => event)
  const timeline = (id: string, authorization?: string) =>
    (authorization === undefined ? nod.service : nod.caller({ authorization })).call('GET', `/transaction/${id}`)

  it('tells an administrator each step with its time, the delivery too', async () => {
    const { phone, owner, serial } = await nod.enroll('erin', { pushed: true })
    const login = await nod.service.trigger(owner)
    const prompt = await google.deliveredPrompt(phone)
    // The phone may have it before Nod has heard from Google.
    const isDelivered = async () => steps((await timeline(login.transactionId)).value).includes('delivered')
    expect(await waitUntil(isDelivered)).toBe(true)
    await phone.accept(prompt)
    await nod.service.finalize(login.transactionId)
    const { value } = await timeline(login.transactionId)
    expect(value).toMatchObject({ transaction_id: login.transactionId, user: 'erin', status: 'finalized', service: '' })
    expect(steps(value)).toEqual(['opened', 'delivered', 'accepted', 'finalized'])
    const [opened, , accepted] = fields(value)['steps'] as readonly Record<string, unknown>[]
    const how = { request: 'POST /validate/triggerchallenge', client: '127.0.0.1', user_agent: 'simulated-service/1.0' }
    expect(opened).toMatchObject(how)
    expect(accepted).toMatchObject({ serial, request: 'POST /ttype/<ttype>' })
    expect(JSON.stringify(value)).not.toMatch(/nonce|prompt|signature/)
  })

  it('tells where a wrong code came from', async () => {
    await nod.authenticationPolicy({ push_code_to_phone: true })
    const { phone, owner } = await nod.enroll('gerd')
    const login = await nod.service.trigger(owner)
    await phone.accept(only(await phone.poll()))
    await nod.service.finalize(login.transactionId, owner, { pass: 'wrong' })
    await nod.deletePolicies()
    const { value } = await timeline(login.transactionId)
    expect((fields(value)['steps'] as readonly unknown[]).at(-1)).toMatchObject({
      event: 'wrong code',
      client: '127.0.0.1',
      user_agent: 'simulated-service/1.0',
    })
  })

  it('tells a service of the logins its key opened, and of no other', async () => {
    const { owner } = await nod.enroll('finn')
    const [vpn, mail] = [await nod.serviceKey('vpn'), await nod.serviceKey('mail')]
    const login = await nod.caller({ authorization: vpn }).trigger(owner)
    expect(await timeline(login.transactionId, vpn)).toMatchObject({ status: 200, value: { status: 'pending' } })
    expect(await timeline(login.transactionId, mail)).toMatchObject({ status: 404, error: { code: 601 } })
    const other = await nod.service.trigger(owner)
    expect(await timeline(other.transactionId, vpn)).toMatchObject({ status: 404 })
    expect(await timeline('00000000000000000001')).toMatchObject({ status: 404, error: { code: 601 } })
  })
})
