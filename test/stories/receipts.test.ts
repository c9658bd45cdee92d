/** Receipts of logins, from the login over HTTP to what the verifier says of them. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Expectations, verifyReceipt } from '../../scripts/verify-receipt.mjs'
import { generateCurveKeys } from '../simulation/phone/signing.ts'
import { fields, type Reply } from '../simulation/reply.ts'
import { type Driver, nextPrompt } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { google, openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('receipts')
})
afterEach(() => nod.deletePolicies())
afterAll(() => nod.close())

const askFor = (id: string, authorization?: string): Promise<Reply> =>
  (authorization === undefined ? nod.service : nod.caller({ authorization })).call('GET', `/transaction/${id}/receipt`)

type Receipt = Readonly<Record<string, unknown>>

async function receiptOf(id: string): Promise<Receipt> {
  const reply = await askFor(id)
  expect(reply.status).toBe(200)
  return fields(reply.value)
}

/** What the verifier prints, or what it says does not hold. */
const verified = (receipt: unknown, expectations: Expectations = {}): Promise<string> =>
  verifyReceipt(JSON.stringify(receipt), expectations).then(
    (lines) => lines.join('\n'),
    (why: unknown) => `Does not hold: ${why instanceof Error ? why.message : String(why)}`,
  )

const statusOf = (receipt: Receipt) => fields(receipt['statement'])['status']
const missing = (why: string) => ({
  status: 404,
  error: { code: 601, message: `This login has no receipt: ${why}.` },
})

describe('the receipt of a login', () => {
  it('proves a tap, at once when the phone has accepted and after the login was finalized', async () => {
    const { phone, owner, serial } = await nod.enroll('ada', { pushed: true })
    const login = await nod.service.trigger(owner)
    expect(await askFor(login.transactionId)).toMatchObject(missing('no phone has decided it'))
    await phone.accept(await google.deliveredPrompt(phone))
    const accepted = await receiptOf(login.transactionId)
    expect(statusOf(accepted)).toBe('accepted')
    expect(await verified(accepted)).toContain('the login was not used by then')
    await nod.service.finalize(login.transactionId)

    const receipt = await receiptOf(login.transactionId)
    expect(statusOf(receipt)).toBe('finalized')
    expect(fields(receipt['context'])).toMatchObject({
      transaction: login.transactionId,
      serial,
      user: 'ada',
      service: 'admin',
      mode: 'standard',
      address: '127.0.0.1',
    })
    const text = await verified(receipt)
    expect(text).toMatch(/^This receipt holds\.\n/)
    expect(text).toContain('the phone        approved the login by a tap')
    expect(text).toContain(`user             "ada" in the realm "${nod.pushedRealm}"`)
    expect(text).toContain('the login was used')
    expect(text).toContain('- what the user read or understood')
    expect(await verified(receipt, { expect: 'decline' })).toBe('Does not hold: this is no decline: the phone approved')
  })

  it('names keys that the token and the list of signing keys have', async () => {
    const { phone, owner, serial } = await nod.enroll('basil')
    const login = await nod.service.trigger(owner)
    await phone.accept(only(await phone.poll()))
    const receipt = await receiptOf(login.transactionId)
    const { info } = await nod.token(serial)
    expect(fields(info)['public_key_smartphone']).toBe(receipt['phone_key'])
    const { value } = await nod.service.call('GET', '/deployment/keys/signing')
    const [serverKey] = (Array.isArray(value) ? value.map(fields) : []).filter(({ current }) => current === true)
    const fingerprint = String(serverKey?.['fingerprint'])
    expect(await verified(receipt, { serverKey: fingerprint })).not.toContain('whose server this is')
    const spaced = fingerprint.toUpperCase().replaceAll(/(..)(?=.)/g, '$1:')
    expect(await verified(receipt, { serverKey: spaced })).toContain('This receipt holds.')
    const other = fingerprint.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))
    expect(await verified(receipt, { serverKey: other })).toMatch(/^Does not hold: the server's key has another finger/)
    expect(await verified(receipt, { phoneKey: other })).toMatch(/^Does not hold: the phone's key has another finger/)
  })

  it('proves the option that was tapped, and that it was the one shown at the login', async () => {
    await nod.authenticationPolicy({ push_require_presence: true })
    const { phone, owner } = await nod.enroll('carla')
    const login = await nod.service.trigger(owner)
    await phone.accept(only(await phone.poll()), { presence: login.presence ?? '' })
    const receipt = await receiptOf(login.transactionId)
    expect(fields(receipt['context'])).toMatchObject({ mode: 'presence', presence: login.presence })
    expect(await verified(receipt)).toContain(`approved the login by tapping "${login.presence}"`)
  })

  it('of another option approves nothing', async () => {
    await nod.authenticationPolicy({ push_require_presence: true })
    const { phone, owner } = await nod.enroll('dora')
    const login = await nod.service.trigger(owner)
    const prompt = only(await phone.poll())
    const wrong = prompt.options?.find((option) => option !== login.presence) ?? ''
    await phone.accept(prompt, { presence: wrong })
    const receipt = await receiptOf(login.transactionId)
    expect(statusOf(receipt)).toBe('wrong_number')
    expect(await verified(receipt)).toMatch(/^Does not hold: this is no approval: the phone chose another option/)
    expect(await verified(receipt, { expect: 'any' })).toContain(`tapped "${wrong}"`)
    const claimed = { ...receipt, answer: { ...fields(receipt['answer']), presence_answer: login.presence } }
    expect(await verified(claimed)).toBe("Does not hold: the phone's key did not sign this answer")
  })

  it('of a wrong number is not issued while another phone may tap the right one', async () => {
    await nod.authenticationPolicy({ push_require_presence: true })
    const one = await nod.enroll('ella')
    const other = await nod.enroll('ella')
    const login = await nod.service.trigger(one.owner)
    const prompt = only(await one.phone.poll())
    await one.phone.accept(prompt, { presence: prompt.options?.find((option) => option !== login.presence) ?? '' })
    expect(await askFor(login.transactionId)).toMatchObject(missing('no phone has decided it'))
    await other.phone.accept(only(await other.phone.poll()), { presence: login.presence ?? '' })
    expect(await verified(await receiptOf(login.transactionId))).toContain(`tapping "${login.presence}"`)
  })

  it('of a code approves nothing before the code was entered, and does not tell the code', async () => {
    await nod.authenticationPolicy({ push_code_to_phone: true })
    const { phone, owner } = await nod.enroll('emil')
    const login = await nod.service.trigger(owner)
    const { displayCode = '' } = await phone.accept(only(await phone.poll()))
    const confirmed = await receiptOf(login.transactionId)
    expect(statusOf(confirmed)).toBe('confirmed')
    expect(Object.keys(fields(confirmed['context']))).not.toContain('code')
    expect(JSON.stringify([confirmed['context'], confirmed['answer']])).not.toContain(`"${displayCode}"`)
    expect(await verified(confirmed)).toBe(
      'Does not hold: the phone has shown its code, but nobody has entered it at the login yet',
    )
    expect(await nod.service.finalize(login.transactionId, owner, { pass: displayCode })).toBe('ACCEPT')
    const text = await verified(await receiptOf(login.transactionId))
    expect(text).toContain('the phone        agreed to be shown a code')
    expect(text).toContain('- that the code was entered at the login page: that is the word of the server')
  })

  it.each(['RSA', 'P-256', 'P-384'] as const)(
    "is the same with eduMFA's app and a key of its own: %s",
    async (kind) => {
      const keys = kind === 'RSA' ? {} : { keys: await generateCurveKeys(kind) }
      const { phone, owner } = await nod.enroll(`edu-${kind}`, { type: 'edupush', ...keys })
      const login = await nod.service.trigger(owner)
      await phone.accept(only(await phone.poll()))
      expect(await verified(await receiptOf(login.transactionId))).toContain('approved the login by a tap')
      const other = await nod.service.trigger(owner)
      await phone.decline(only(await phone.poll()))
      expect(await verified(await receiptOf(other.transactionId), { expect: 'decline' })).toContain(
        'declined the login',
      )
    },
  )

  it('is there for a login whose request waited for the phone', async () => {
    await nod.authenticationPolicy({ push_wait: '20' })
    const { phone, owner, serial } = await nod.enroll('finn')
    const answer = nod.service.check({ ...owner, pass: '' })
    await phone.accept(await nextPrompt(phone, serial))
    expect(await answer).toMatchObject({ authentication: 'ACCEPT' })
    const { value } = await nod.service.call('GET', '/audit/', { query: { serial, action: '*check*' } })
    const [line] = (fields(value)['auditdata'] as readonly unknown[]).map(fields)
    const id = /\d{20}/.exec(JSON.stringify(line))?.[0] ?? ''
    expect(await verified(await receiptOf(id))).toContain('approved the login by a tap')
  })

  it.each([undefined, 'unknown_trigger', 'cancelled', 'something quite new'])(
    'of a decline (%s) proves the decline, and never an approval',
    async (reason) => {
      const { phone, owner } = await nod.enroll(`greta-${reason?.length ?? 0}`)
      const login = await nod.service.trigger(owner)
      await phone.decline(only(await phone.poll()), reason === undefined ? {} : { reason })
      const receipt = await receiptOf(login.transactionId)
      expect(statusOf(receipt)).toBe('declined')
      expect(await verified(receipt, { expect: 'decline' })).toContain('the phone        declined the login')
      expect(await verified(receipt)).toBe('Does not hold: this is no approval: the phone declined')
      const { signature } = fields(receipt['answer'])
      const signed = ['decline', ...(reason === undefined ? [] : [reason])].join('|')
      for (const answer of [
        { decline: false, signature },
        { decline: false, presence_answer: signed, signature },
        { decline: false, presence_answer: 'decline', signature },
        { decline: false, decline_reason: reason ?? 'cancelled', signature },
      ])
        for (const mode of ['standard', 'presence', 'code_to_phone']) {
          const context = { ...fields(receipt['context']), mode }
          const statement = { ...fields(receipt['statement']), status: 'accepted' }
          expect(await verified({ ...receipt, answer, context })).toMatch(/^Does not hold: /)
          expect(await verified({ ...receipt, answer, statement })).toMatch(/^Does not hold: /)
        }
    },
  )

  it('tells that an approved login was withdrawn', async () => {
    const { phone, owner, serial } = await nod.enroll('hugo')
    const login = await nod.service.trigger(owner)
    await phone.accept(only(await phone.poll()))
    await nod.service.call('POST', `/token/disable/${serial}`)
    const receipt = await receiptOf(login.transactionId)
    expect(statusOf(receipt)).toBe('withdrawn')
    expect(await verified(receipt)).toBe(
      'Does not hold: the phone approved, but the login was withdrawn before it was used',
    )
  })

  it('is of the phone that decided, where there are several', async () => {
    const one = await nod.enroll('ines')
    const other = await nod.enroll('ines')
    const login = await nod.service.trigger(one.owner)
    await other.phone.accept(only(await other.phone.poll()))
    expect(fields((await receiptOf(login.transactionId))['context'])['serial']).toBe(other.serial)
  })
})

describe('there is no receipt', () => {
  it('of a login in which a phone was enrolled', async () => {
    const owner = { user: 'jana', realm: nod.realm }
    await nod.service.call('POST', '/user/', { form: owner })
    await nod.authenticationPolicy(
      { passOnNoToken: true, enroll_via_multichallenge: 'PUSH' },
      { confirm: 'anonymous_enrollment' },
    )
    const { detail } = await nod.service.check({ ...owner, pass: 'x' })
    const phone = nod.phone()
    const { serial } = await phone.register(phone.scan(String(detail['link'])))
    expect(await nod.service.finalize(detail.transaction_id ?? '', owner)).toBe('ACCEPT')
    expect(await askFor(detail.transaction_id ?? '')).toMatchObject(
      missing('a phone was enrolled in it, which answers no prompt'),
    )
    await nod.service.deleteToken(serial)
  })

  it('of a login by a bypass code: it has no transaction, and no phone approves it', async () => {
    const { owner } = await nod.enroll('karl')
    const { value } = await nod.service.call('POST', '/token/bypass', { form: { ...owner, reason: 'lost phone' } })
    const reply = await nod.service.check({ ...owner, pass: String(fields(value)['code']) })
    expect(reply.authentication).toBe('ACCEPT')
    expect(reply.detail.transaction_id).toBeUndefined()
  })

  it('for a login that never was, or for a forged id', async () => {
    for (const id of ['00000000000000000001', '1'])
      expect(await askFor(id)).toMatchObject({ status: 404, error: { code: 601 } })
  })

  it('for another service, for a user, or for nobody', async () => {
    const { phone, owner } = await nod.enroll('lena')
    const [vpn, mail] = [await nod.serviceKey('vpn'), await nod.serviceKey('mail')]
    const helpdesk = await nod.serviceKey('desk', 'helpdesk')
    const login = await nod.caller({ authorization: vpn }).trigger(owner)
    await phone.accept(only(await phone.poll()))
    const unknown = { status: 404, error: { message: `The transaction ${login.transactionId} does not exist.` } }
    expect(await askFor(login.transactionId, mail)).toMatchObject(unknown)
    expect(await nod.caller().call('GET', `/transaction/${login.transactionId}/receipt`)).toMatchObject({ status: 401 })
    for (const key of [vpn, helpdesk]) expect(await askFor(login.transactionId, key)).toMatchObject({ status: 200 })
    expect(fields((await receiptOf(login.transactionId))['context'])['service']).toBe('receipts-vpn')
    const unanswered = await nod.caller({ authorization: vpn }).trigger(owner)
    expect(await askFor(unanswered.transactionId, mail)).toMatchObject({ status: 404, error: { code: 601 } })
    expect((await askFor(unanswered.transactionId, mail)).error?.message).not.toContain('receipt')
  })

  it('once its user was erased, while a receipt that was fetched before still holds', async () => {
    const { phone, owner } = await nod.enroll('mona')
    const login = await nod.service.trigger(owner)
    await phone.accept(only(await phone.poll()))
    await nod.service.finalize(login.transactionId)
    const receipt = await receiptOf(login.transactionId)
    expect(await nod.service.call('POST', '/deployment/user-data/erase', { form: owner })).toMatchObject({
      status: 200,
    })
    const after = await askFor(login.transactionId)
    expect(after.status).toBe(404)
    expect(after.text).not.toContain('mona')
    expect(await verified(receipt)).toContain('"mona"')
  })
})

/** Every value in a receipt, by its path. */
function* leaves(value: unknown, path: readonly string[] = []): Generator<readonly [readonly string[], unknown]> {
  if (typeof value !== 'object' || value === null) yield [path, value]
  else for (const [name, one] of Object.entries(value)) yield* leaves(one, [...path, name])
}

function altered(
  receipt: unknown,
  [name = '', ...rest]: readonly string[],
  change: (value: unknown) => unknown,
): unknown {
  const copy: Record<string, unknown> = structuredClone(receipt) as Record<string, unknown>
  copy[name] = rest.length === 0 ? change(copy[name]) : altered(copy[name], rest, change)
  return copy
}

/** Other values of the same kind. */
function others(value: unknown): readonly unknown[] {
  if (typeof value === 'number') return [value + 1, value - 1]
  if (typeof value === 'boolean') return [!value]
  const text = String(value)
  const swapped = text.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'))
  const last = text.replace(/[^=](?==*$)/, (letter) => (letter === 'A' ? 'B' : 'A'))
  return [...new Set([`${text}x`, `${text} `, text.slice(0, -1), text.toLowerCase(), swapped, last, ''])].filter(
    (one) => one !== text,
  )
}

describe('every field of a receipt', () => {
  it('is found when it was altered, left out or added to', async () => {
    await nod.authenticationPolicy({ push_require_presence: true })
    const { phone, owner } = await nod.enroll('nora')
    const login = await nod.service.trigger(owner)
    await phone.accept(only(await phone.poll()), { presence: login.presence ?? '' })
    await nod.service.finalize(login.transactionId)
    const receipt = await receiptOf(login.transactionId)
    expect(await verified(receipt)).toContain('This receipt holds.')
    let count = 0
    for (const [path, value] of leaves(receipt)) {
      const where = path.join('.')
      for (const other of others(value)) {
        count += 1
        expect([where, await verified(altered(receipt, path, () => other))]).toEqual([
          where,
          expect.stringMatching(/^Does not hold: /),
        ])
      }
      const without = altered(receipt, path, () => undefined)
      expect([where, await verified(without)]).toEqual([where, expect.stringMatching(/^Does not hold: /)])
    }
    for (const path of [[], ['context'], ['prompt'], ['answer'], ['statement']]) {
      const more = altered(receipt, [...path, 'approved_by'], () => 'the board')
      expect(await verified(more)).toMatch(/has a field that nothing proves: approved_by$/)
    }
    expect(count).toBeGreaterThan(150)
  })

  it('is found when it comes from another receipt', async () => {
    const { phone, owner } = await nod.enroll('olga')
    const [first, second] = [await approved(), await approved()]
    async function approved(): Promise<Receipt> {
      const login = await nod.service.trigger(owner)
      await phone.accept(only(await phone.poll()))
      return receiptOf(login.transactionId)
    }
    for (const name of ['context', 'salt', 'prompt', 'answer', 'statement', 'signature']) {
      const mixed = await verified({ ...first, [name]: second[name] })
      const isSame = JSON.stringify(first[name]) === JSON.stringify(second[name])
      expect([name, mixed]).toEqual([name, isSame ? expect.anything() : expect.stringMatching(/^Does not hold: /)])
    }
  })
})
