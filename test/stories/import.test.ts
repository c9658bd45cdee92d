import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Driver, nextPrompt } from '../driver/driver.ts'
import { foreignHash, hexDigest, type MovedToken, movedToken, scannedCode } from '../driver/moved.ts'
import { EDUMFA, generateKeys, type PhoneOptions } from '../simulation/phone.ts'
import { fields } from '../simulation/reply.ts'
import { waitUntil } from '../driver/waiting.ts'
import { noticeOf, notMe } from './notice-steps.ts'
import { openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('import')
})
afterAll(() => nod.close())

let drawn = 0
const moved = (changes: Readonly<Record<string, unknown>> = {}, options: PhoneOptions = {}) =>
  movedToken(nod.phoneUrl(), `PIPUIMPORT${String(drawn++).padStart(2, '0')}`, changes, options)
const owned = (login: string, changes: Readonly<Record<string, unknown>> = {}, options?: PhoneOptions) =>
  moved(
    { user: { login, realm: nod.realm, given_name: 'Ada', user_id: '1001', resolver: 'users' }, ...changes },
    options,
  )

const send = (tokens: readonly Pick<MovedToken, 'sent'>[], more: Readonly<Record<string, unknown>> = {}) =>
  nod.service.call('POST', '/deployment/import', {
    json: { source: 'privacyidea', tokens: tokens.map(({ sent }) => sent), ...more },
  })
const statesOf = async (...tokens: readonly MovedToken[]) =>
  Object.values(fields(fields((await send(tokens)).value)['states']))
const listed = async (serial: string) => {
  const { value } = await nod.service.call('GET', '/token/', { query: { serial } })
  return fields((fields(value)['tokens'] as unknown[])[0])
}
const login = (user: string) => ({ user, realm: nod.realm })

describe('a token that was enrolled at another server', () => {
  it('logs its user in, with the key and the PIN that they have', async () => {
    // The Nod of the stories computes 100 rounds, whatever is asked for.
    const token = await owned('moved', { pin: await foreignHash('4711', 100) })
    expect(await statesOf(token)).toEqual(['new'])
    expect(await listed(token.serial)).toMatchObject({
      username: 'moved',
      rollout_state: 'enrolled',
      info: { count_auth: '7', count_auth_success: '5' },
    })
    expect(await nod.service.check({ ...login('moved'), pass: '4712' })).toMatchObject({ authentication: 'REJECT' })
    const { transactionId } = await nod.service.triggerWithPin(login('moved'), '4711')
    await token.phone.accept(await nextPrompt(token.phone))
    expect(await nod.service.finalize(transactionId, login('moved'))).toBe('ACCEPT')
  })

  it('and was enrolled there once more, has its prompts signed with the key of that time', async () => {
    const first = await owned('again')
    await send([first])
    const logIn = async ({ phone }: MovedToken) => {
      const { transactionId } = await nod.service.trigger(login('again'))
      await phone.accept(await nextPrompt(phone))
      return nod.service.finalize(transactionId, login('again'))
    }
    expect(await logIn(first)).toBe('ACCEPT')
    const { user } = first.sent
    const second = await movedToken(nod.phoneUrl(), first.serial, { user }, {}, await generateKeys(2048))
    expect(await statesOf(second)).toEqual(['changed'])
    expect(await logIn(second)).toBe('ACCEPT')
  })

  it('keeps what an administrator sees of it', async () => {
    const token = await owned('kept', {
      description: 'her phone',
      active: false,
      attempts: 10,
      polling_allowed: false,
      max_uses: 100,
      valid_until: 4_102_444_800_000,
      realms: [nod.pushedRealm, 'nosuch'],
      info: { inventory: 'A-17' },
    })
    await send([token])
    expect(await listed(token.serial)).toMatchObject({
      description: 'her phone',
      active: false,
      failcount: 10,
      realms: [nod.realm, nod.pushedRealm],
      info: { inventory: 'A-17', polling_allowed: 'False', count_auth_max: '100', validity_period_end: /^2100/ },
    })
  })

  it('of eduMFA’s app does as well', async () => {
    const url = nod.phoneUrl('edupush')
    const token = await owned('edu', { type: 'edupush', registration_url: url }, { app: EDUMFA })
    for (const [serial, one] of token.phone.tokens) token.phone.tokens.set(serial, { ...one, url })
    expect(await statesOf(token)).toEqual(['new'])
    const { transactionId } = await nod.service.trigger(login('edu'))
    await token.phone.accept(await nextPrompt(token.phone))
    expect(await nod.service.finalize(transactionId, login('edu'))).toBe('ACCEPT')
  })

  it('is made known to a user who has enrolled a phone here, and revoked when they say "not me"', async () => {
    const own = await nod.enroll('told')
    const notices = { realm: nod.realm, user: 'told', priority: '1' }
    await nod.service.setPolicy('told-notices', 'enrollment', { new_phone_notice: 'on' }, notices)
    const token = await owned('told')
    await send([token])
    const notice = await noticeOf(own, token.serial)
    expect(notice.question).toContain(`Another phone (${token.serial}) was added`)
    await notMe(own, notice)
    await waitUntil(async () => (await listed(token.serial))['revoked'] === true)
    expect(await listed(own.serial)).toMatchObject({ revoked: false, active: true })
    await nod.service.call('DELETE', '/policy/told-notices')
  })

  it('is announced to nobody who has moved with all of their phones', async () => {
    const notices = { realm: nod.realm, user: 'both', priority: '1' }
    await nod.service.setPolicy('both-notices', 'enrollment', { new_phone_notice: 'on' }, notices)
    const [first, second] = [await owned('both'), await owned('both')]
    await send([first])
    await send([second])
    expect(await first.phone.poll(first.serial)).toEqual([])
    await nod.service.call('DELETE', '/policy/both-notices')
  })

  it('whose QR code was out can be enrolled with it', async () => {
    const credential = 'c0ffee'.repeat(6)
    const token = await owned('waiting', {
      state: 'clientwait',
      active: false,
      phone_key: null,
      private_key: null,
      credential,
      credential_expires: 4_102_444_800_000,
    })
    expect(await statesOf(token)).toEqual(['new'])
    const phone = nod.phone()
    await phone.register({
      ...scannedCode(nod.phoneUrl(), token.serial),
      enrollmentCredential: credential,
      scannedAt: Date.now(),
    })
    const { transactionId } = await nod.service.trigger(login('waiting'))
    await phone.accept(await nextPrompt(phone))
    expect(await nod.service.finalize(transactionId, login('waiting'))).toBe('ACCEPT')
  })
})

describe('a PIN that cannot be compared here', () => {
  it('is refused like a wrong one, counts as no attempt, and the audit says why', async () => {
    const token = await owned('pending', { pin: 'upstream' })
    await send([token])
    for (const pass of ['4711', ''])
      expect(await nod.service.check({ ...login('pending'), pass })).toMatchObject({
        authentication: 'REJECT',
        detail: { message: 'wrong otp pin' },
      })
    expect(await listed(token.serial)).toMatchObject({ failcount: 0, info: { pin_state: 'upstream' } })
    await expect
      .poll(async () => {
        const { value } = await nod.service.call('GET', '/audit/', { query: { user: 'pending', action: '*check' } })
        return (fields(value)['auditdata'] as { info: string }[]).map(({ info }) => info)
      })
      .toEqual(['wrong otp pin (pin_pending)', 'wrong otp pin (pin_pending)'])
  })

  it('is copied to no other token, and ends when one is set', async () => {
    const token = await owned('set-anew', { pin: 'unset' })
    const other = await owned('another')
    await send([token, other])
    const copied = await nod.service.call('POST', '/token/copypin', {
      form: { from: token.serial, to: other.serial },
    })
    expect(copied).toMatchObject({ status: 400, error: { code: 905 } })
    await nod.service.call('POST', `/token/setpin/${token.serial}`, { form: { otppin: '1234' } })
    expect((await listed(token.serial))['info']).not.toHaveProperty('pin_state')
    await nod.service.triggerWithPin(login('set-anew'), '1234')
  })
})

describe('an import that is repeated', () => {
  const compare = async ({ serial, sent }: MovedToken) => {
    const json = { tokens: [{ serial, digest: sent['digest'] }] }
    const { value } = await nod.service.call('POST', '/deployment/import/compare', { json })
    return fields(fields(value)['states'])[serial]
  }
  const changedThere = async (token: MovedToken, changes: Readonly<Record<string, unknown>>): Promise<MovedToken> => ({
    ...token,
    sent: { ...token.sent, ...changes, digest: await hexDigest(JSON.stringify(changes)) },
  })

  it('changes nothing', async () => {
    const token = await owned('again')
    expect(await compare(token)).toBe('new')
    await send([token])
    expect(await compare(token)).toBe('unchanged')
    expect(await statesOf(token)).toEqual(['unchanged'])
  })

  it('takes over what was changed there since, and not here', async () => {
    const token = await owned('revoked-there')
    await send([token])
    const { transactionId } = await nod.service.trigger(login('revoked-there'))
    const revoked = await changedThere(token, { active: false, revoked: true })
    expect(await compare(revoked)).toBe('changed')
    expect(await statesOf(revoked)).toEqual(['changed'])
    await token.phone.poll()
    expect(await nod.service.finalize(transactionId, login('revoked-there'))).toBe('REJECT')
    expect(await listed(token.serial)).toMatchObject({ revoked: true })
  })

  it('leaves what was changed here as it is', async () => {
    const token = await owned('changed-here')
    await send([token])
    await nod.service.call('POST', `/token/disable/${token.serial}`)
    const there = await changedThere(token, { description: 'other' })
    expect(await statesOf(there)).toEqual(['kept'])
    expect(await listed(token.serial)).toMatchObject({ active: false, description: '' })
  })

  it('brings back no token that was deleted here, nor its key', async () => {
    const token = await owned('deleted-here')
    await send([token])
    await nod.service.call('DELETE', `/token/${token.serial}`)
    expect(await statesOf(token)).toEqual(['deleted'])
    const json = { tokens: token.serial, challenge: '0'.repeat(32) }
    const { value } = await nod.service.call('POST', '/deployment/import/try', { json })
    expect(value).toEqual({ signatures: [] })
  })

  it('of a user who was erased brings them back neither', async () => {
    const token = await owned('erased', { kept: { container: 'SMPH0001' } })
    await send([token])
    const exported = async () =>
      fields((await nod.service.call('GET', '/deployment/user-data', { query: login('erased') })).value)['imported']
    expect(await exported()).toMatchObject([
      {
        serial: token.serial,
        source: 'privacyidea',
        user_id: '1001',
        resolver: 'users',
        kept: { container: 'SMPH0001' },
      },
    ])
    await nod.service.call('POST', '/deployment/user-data/erase', { form: login('erased') })
    expect(await statesOf(token)).toEqual(['deleted'])
    expect(await exported()).toEqual([])
  })
})

describe('an import with faults', () => {
  it('stores nothing, and names each token at fault', async () => {
    const sound = await owned('sound')
    const taken = await nod.enroll('own')
    const faulty = await Promise.all([
      owned('no-key', { phone_key: 'AAAA' }),
      owned('no-server-key', { private_key: 'AAAA' }),
      owned('no-firebase', { firebase: 'nosuch' }),
      moved({ user: { login: 'lost', realm: 'nosuch' } }),
    ])
    const own = await movedToken(nod.phoneUrl(), taken.serial)
    const { status, error } = await send([sound, ...faulty, own])
    expect(status).toBe(400)
    for (const { serial } of [...faulty, own]) expect(error?.message).toContain(`${serial}: `)
    expect(error?.message).not.toContain(`${sound.serial}: `)
    expect(await listed(sound.serial)).toEqual({})
    const { value } = await send([sound, ...faulty, own], { skip: true })
    expect((fields(value)['omitted'] as { serial: string }[]).map(({ serial }) => serial).toSorted()).toEqual(
      [...faulty, own].map(({ serial }) => serial).toSorted(),
    )
    expect(await listed(sound.serial)).toMatchObject({ username: 'sound' })
    expect((await nod.loginWithPrompt(taken)).prompt.serial).toBe(taken.serial)
  })

  it('names the field of the token that it cannot read', async () => {
    const { error } = await send([await owned('fine'), await owned('odd', { attempts: -1 })])
    expect(error?.message).toMatch(/tokens\[1\]\.attempts.*\(PIPUIMPORT\d\d\)/)
  })
})

it('each imported key signs what only a check of it asks for', async () => {
  const token = await owned('tried')
  await send([token])
  const challenge = '5d2ed5c046edb4165d2ed5c046edb416'
  const json = { tokens: [token.serial], challenge }
  const { value } = await nod.service.call('POST', '/deployment/import/try', { json })
  const [{ signature } = { signature: '' }] = fields(value)['signatures'] as { signature: string }[]
  const text = `imported key|${token.serial}|${challenge}`
  expect(await token.verifies(text, signature)).toBe(true)
  const sources = fields((await nod.service.call('GET', '/deployment/import')).value)['sources']
  expect(sources).toMatchObject([{ source: 'privacyidea', imported: expect.any(Number) }])
})
