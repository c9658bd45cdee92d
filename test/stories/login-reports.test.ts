/** How logins went: counted, listed, and watched while they happen. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { fields, type Reply } from '../simulation/reply.ts'
import type { Service } from '../simulation/service.ts'
import { google, openNod, url } from './scene.ts'

let nod: Driver
let vpn: Service
const service = 'login-reports-vpn'

beforeAll(async () => {
  nod = await openNod('login-reports')
  vpn = nod.caller({ authorization: await nod.serviceKey('vpn') })
})
afterAll(async () => {
  await nod.revokeServiceKey('vpn')
  await nod.close()
})

const read = (path: string, query: Readonly<Record<string, string>> = {}, headers = {}): Promise<Reply> =>
  nod.service.call('GET', path, { query, headers })
const list = (value: unknown, name: string) => fields(value)[name] as readonly Readonly<Record<string, unknown>>[]
const flush = () => nod.service.call('POST', '/deployment/audit/flush')

/** What a page makes of a stream of server-sent events. */
class Watcher {
  readonly events: { readonly name: string; readonly data: Readonly<Record<string, unknown>> }[] = []
  readonly ended: Promise<void>
  readonly #abort = new AbortController()

  constructor(path: string, authorization: string) {
    this.ended = this.#read(path, authorization).catch(() => undefined)
  }

  close(): void {
    this.#abort.abort()
  }

  async #read(path: string, authorization: string): Promise<void> {
    const response = await fetch(`${url}${path}`, { headers: { authorization }, signal: this.#abort.signal })
    let text = ''
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(text.slice(0, end)) ?? []
        if (name !== undefined) this.events.push({ name, data: fields(JSON.parse(data ?? '{}')) })
        text = text.slice(end + 2)
      }
    }
  }
}

describe('logins that went well and others', () => {
  it('are counted by outcome, service and step, with their deliveries', async () => {
    const ada = await nod.enroll('ada', { pushed: true })
    const bob = await nod.enroll('bob', { pin: '4711' })
    const accepted = await vpn.trigger(ada.owner)
    await ada.phone.accept(await google.deliveredPrompt(ada.phone))
    expect(await vpn.finalize(accepted.transactionId, ada.owner)).toBe('ACCEPT')
    const reported = await vpn.trigger(bob.owner)
    await bob.phone.decline(only(await bob.phone.poll()), { reason: 'unknown_trigger' })
    await vpn.call('POST', '/validate/check', { form: { ...bob.owner, pass: 'wrong' } })

    const outcomes = async () => {
      await flush()
      const { value } = await read('/report/overview', { service })
      return fields(fields(value)['logins'])
    }
    expect(await waitUntil(async () => (await outcomes())['total'] === 3)).toBe(true)
    const { status, value } = await read('/report/overview', { service })
    expect(status).toBe(200)
    expect(value).toMatchObject({
      span: 'hour',
      logins: {
        outcomes: { accepted: 1, not_me: 1, refused: 1, declined: 0 },
        services: [{ service, total: 3 }],
        modes: [{ mode: 'standard', total: 2 }],
        refusals: [{ reason: 'pin_wrong', count: 1, text: 'The PIN was wrong.' }],
      },
      deliveries: expect.arrayContaining([expect.objectContaining({ firebase: 'fb1', delivered: 1, failed: 0 })]),
    })
    const alarm = list(value, 'alarms').find(({ kind }) => kind === 'not_me')
    expect(alarm).toMatchObject({ count: expect.any(Number), list: '/report/logins?outcome=not_me' })

    const steps = await read('/report/steps', { service })
    const counts = Object.fromEntries(list(steps.value, 'steps').map(({ step, count }) => [step, count]))
    expect(counts).toEqual({ trigger: 2, delivery: 1, fetch: 1, human: 2, answer: 2, wake: 1, finalize: 1, system: 2 })
    expect(list(steps.value, 'steps')[0]).toMatchObject({
      step: 'trigger',
      p50: expect.any(Number),
      buckets: expect.any(Array),
    })

    const german = await read('/report/logins', { service, outcome: 'not_me' }, { 'Accept-Language': 'de' })
    expect(list(german.value, 'logins')).toMatchObject([
      {
        transaction_id: reported.transactionId,
        user: 'bob',
        outcome: 'not_me',
        mode: 'standard',
        cause: 'not_me',
        reason: 'Die Person sagt, jemand anderes wollte sich anmelden.',
        system_ms: expect.any(Number),
        human_ms: expect.any(Number),
      },
    ])
    const wrong = await read('/report/logins', { ...bob.owner, outcome: 'refused' })
    expect(list(wrong.value, 'logins')).toMatchObject([
      {
        transaction_id: '',
        outcome: 'refused',
        cause: 'refused/pin_wrong',
        reason: 'The PIN was wrong.',
        advice: expect.stringContaining('PIN'),
      },
    ])
    // In words, as it is counted, and not as the message of an error.
    await vpn.check({ user: 'nobody-here', realm: nod.realm, pass: '' })
    const reasons = async () => {
      await flush()
      const refused = await read('/report/logins', { outcome: 'refused' })
      return list(refused.value, 'logins').map(({ reason }) => reason)
    }
    expect(await waitUntil(async () => (await reasons()).includes('There is no such user.'))).toBe(true)
    // Policies name a configuration in lower case, the environment in upper case.
    const names = list(value, 'deliveries').map(({ firebase }) => String(firebase).toLowerCase())
    expect(new Set(names).size).toBe(names.length)
  })

  it('are listed page by page, and as a table', async () => {
    const { realm } = nod
    const seen: string[] = []
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const { value } = await read('/report/logins', { realm, pagesize: '1', ...(cursor === '' ? {} : { cursor }) })
      seen.push(...list(value, 'logins').map(({ outcome }) => String(outcome)))
      cursor = (fields(value)['next'] ?? undefined) as string | undefined
    }
    expect(new Set(seen)).toEqual(new Set(['not_me', 'refused']))
    const table = await read('/report/logins', { service, outform: 'csv' })
    expect(table.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(table.text).toContain("'transaction_id', 'opened', ")
    expect(table.text).toContain("'accepted'")
    expect(list((await read('/report/logins', { service, slower_than: '600000' })).value, 'logins')).toEqual([])
  })

  it('are a table of one user, service, realm or outcome, or of all these together', async () => {
    const tableOf = async (filter: Readonly<Record<string, string>>) => {
      const { status, text } = await read('/report/logins', { ...filter, outform: 'csv', pagesize: '500' })
      expect(status).toBe(200)
      const [head = [], ...lines] = text
        .trimEnd()
        .split('\n')
        .map((line) => line.split("', ").map((cell) => cell.replace(/^'/, '')))
      return lines.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index]])))
    }
    const filters = { user: 'bob', realm: nod.realm, service, outcome: 'not_me' }
    for (const [name, value] of Object.entries(filters)) {
      // A user is one of a realm.
      const lines = await tableOf(name === 'user' ? { user: value, realm: nod.realm } : { [name]: value })
      expect(lines.length, name).toBeGreaterThan(0)
      expect(new Set(lines.map((line) => line[name])), name).toEqual(new Set([value]))
    }
    expect(await tableOf(filters)).toHaveLength(1)
    expect(await tableOf({ ...filters, outcome: 'expired' })).toEqual([])
  })

  it.each([
    ['from', { from: 'yesterday' }],
    ['to', { from: '2026-11-02', to: '2026-11-01' }],
    ['outcome', { outcome: 'lost' }],
    ['slower_than', { slower_than: 'much' }],
    ['cursor', { cursor: 'e30' }],
  ])('are not listed where %s means nothing', async (name, query) => {
    const { status, error } = await read('/report/logins', query)
    expect([status, error?.message]).toEqual([400, expect.stringContaining(name)])
  })
})

describe('an administrator who watches', () => {
  it('sees a login grow: opened, fetched, accepted, finalized', async () => {
    const authorization = await nod.serviceKey('watcher', 'helpdesk')
    const { phone, owner, serial } = await nod.enroll('carla')
    const all = new Watcher(`/report/live?realm=${nod.realm}`, authorization)
    const login = await vpn.trigger(owner)
    const id = login.transactionId
    const seen = () => all.events.flatMap(({ data }) => (data['transaction_id'] === id ? [data['last']] : []))
    expect(await waitUntil(() => seen().includes('opened'))).toBe(true)
    const one = new Watcher(`/transaction/${id}/steps`, authorization)
    expect(await waitUntil(() => one.events.length === 1)).toBe(true)

    const prompt = only(await phone.poll())
    expect(await waitUntil(() => one.events.length === 2)).toBe(true)
    await phone.accept(prompt)
    expect(await waitUntil(() => one.events.length === 3)).toBe(true)
    await vpn.finalize(id, owner)
    await one.ended
    expect(one.events.map(({ name, data }) => [name, data['kind'] ?? data['outcome']])).toEqual([
      ['step', 'opened'],
      ['step', 'fetched'],
      ['step', 'accepted'],
      ['step', 'finalized'],
      ['end', 'accepted'],
    ])
    expect(one.events[2]?.data).toMatchObject({
      index: 2,
      serial,
      since_opening_ms: expect.any(Number),
      text: 'accepted',
    })
    expect(await waitUntil(() => seen().includes('finalized'))).toBe(true)
    expect(all.events.at(-1)?.data).toMatchObject({
      outcome: 'accepted',
      user: 'carla',
      service,
      reason: 'The user was let in.',
    })
    all.close()

    expect((await read(`/transaction/${id}`)).value).toMatchObject({
      outcome: 'accepted',
      cause: 'accepted',
      mode: 'standard',
      durations: { trigger: expect.any(Number), delivery: null, fetch: expect.any(Number), human: expect.any(Number) },
    })

    const late = new Watcher(`/transaction/${id}/steps`, authorization)
    await late.ended
    expect(late.events).toHaveLength(5)
    await nod.revokeServiceKey('watcher')
  })

  it('is refused without the right, and told of no login that is not there', async () => {
    const key = await nod.serviceKey('plain')
    expect((await nod.caller({ authorization: key }).call('GET', '/report/live')).status).toBe(401)
    expect((await read('/transaction/00000000000000000001/steps')).status).toBe(404)
    await nod.revokeServiceKey('plain')
  })
})
