import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { nextPrompt } from '../driver/driver.ts'
import { only, sleep } from '../driver/waiting.ts'
import { type OwnNod, ORIGIN, startOwnNod } from '../conformance/own-nod.ts'
import { type EnrolledUser, World } from '../conformance/world.ts'
import { preflight } from './app-ios-preflight.ts'
import { FreeRadius } from './freeradius.ts'
import { Keycloak } from './keycloak-java.ts'
import { PamPython } from './pam-python.ts'
import { PhpClient } from './php-client.ts'
import { PrivacyideaPam } from './privacyidea-pam.ts'

let nod: OwnNod
let world: World

beforeAll(async () => {
  nod = await startOwnNod()
  world = await World.open(nod)
  const { login, password } = PLUGIN
  const reply = await world.call('POST', '/administrator', { form: { login, password, role: 'validate' } })
  expect(reply.status).toBe(200)
}, 60_000)
afterEach(() => world.tidy())
afterAll(async () => {
  await world.close()
  await nod.stop()
})

// Characters that are percent-encoded, and a text that looks percent-encoded.
const PIN = 'p%41&ö=+x@y/'
/** The account that plugins sign in with. */
const PLUGIN = { login: 'plugin', password: 'ein-Kennwort-für-Tests' }
const CODE = 'Please enter the code displayed on your smartphone.'

const keycloak = (more: object = {}): Keycloak =>
  new Keycloak({ url: nod.url, realm: world.realm, serviceAccount: PLUGIN, ...more })
const php = (more: object = {}): PhpClient =>
  new PhpClient({ url: nod.url, realm: world.realm, serviceAccount: PLUGIN, ...more })
const radius = (): FreeRadius => new FreeRadius({ url: `${nod.url}/validate/check`, realm: world.realm })
const pam = (more: object = {}): PrivacyideaPam =>
  new PrivacyideaPam({ url: nod.url, realm: world.realm, first: 'sendPassword', pollTime: 1, ...more })
const python = (): PamPython => new PamPython({ url: nod.url, realm: world.realm })

type Phone = (holder: EnrolledUser) => Promise<unknown>

const yes: Phone = async (holder) => holder.phone.accept(await nextPrompt(holder.phone, holder.serial))
const no: Phone = async (holder) => holder.phone.decline(await nextPrompt(holder.phone, holder.serial))
const nobody: Phone = async () => {}

/** Does a whole login, and returns whether the user is in. */
type Login = (holder: EnrolledUser, phone: Phone) => Promise<boolean>

/** The user answers on the phone while the client waits. */
const meanwhile = async <T>(waiting: Promise<T>, holder: EnrolledUser, phone: Phone): Promise<T> => {
  const [ending] = await Promise.all([waiting, phone(holder)])
  return ending
}

const LOGINS: Readonly<Record<string, Login>> = {
  'Keycloak with its service account, polling in the browser': async (holder, phone) => {
    const login = keycloak({ pageOrigin: ORIGIN }).login(holder.owner.user, { seconds: 1.5 })
    return (await meanwhile(login, holder, phone)) === 'logged in'
  },
  'Keycloak with the PIN, polling by itself': async (holder, phone) => {
    const login = keycloak({ reloads: [1] }).login(holder.owner.user, { pin: PIN, seconds: 1 })
    return (await meanwhile(login, holder, phone)) === 'logged in'
  },
  'simpleSAMLphp with its service account': async (holder, phone) => {
    const client = php()
    const { transactionId } = await client.triggerChallenge(holder.owner.user)
    await phone(holder)
    if (!(await client.pollTransaction(transactionId))) return false
    return (await client.validateCheck(holder.owner.user, '', transactionId)).value
  },
  'Nextcloud with the PIN': async (holder, phone) => {
    const client = php({ userAgent: 'privacyIDEA-Nextcloud/1.0.2' })
    const { transactionId } = await client.validateCheck(holder.owner.user, PIN)
    await phone(holder)
    if (!(await client.pollTransaction(transactionId))) return false
    return (await client.validateCheck(holder.owner.user, '', transactionId)).value
  },
  FreeRADIUS: async (holder, phone) => {
    const { user: userName } = holder.owner
    const challenge = await radius().access({ userName, userPassword: PIN })
    await phone(holder)
    const answer = { userName, userPassword: 'done', state: challenge.state ?? '' }
    return (await radius().access(answer)).code === 'Access-Accept'
  },
  'privacyidea-pam': async ({ owner: { user }, ...holder }, phone) => {
    const login = pam().authenticate({ user, password: PIN })
    return (await meanwhile(login, { ...holder, owner: { user, realm: world.realm } }, phone)) === 'PAM_SUCCESS'
  },
  pam_python: async (holder, phone) => {
    const answers = [async () => PIN, async () => phone(holder).then(() => 'done')]
    const ask = async (): Promise<string> => (await answers.shift()?.()) ?? ''
    return (await python().authenticate({ user: holder.owner.user, ask })) === 'PAM_SUCCESS'
  },
}

describe.each(Object.entries(LOGINS))('%s', (_, login) => {
  it('lets the user in after a yes', async () => {
    expect(await login(await world.enrollPhone({ pin: PIN }), yes)).toBe(true)
  })

  it('does not let the user in after a no', async () => {
    expect(await login(await world.enrollPhone({ pin: PIN }), no)).toBe(false)
  })

  it('does not let the user in while nobody answers', async () => {
    expect(await login(await world.enrollPhone({ pin: PIN }), nobody)).toBe(false)
  })
})

describe('Keycloak', () => {
  it('tells a decline from a missing answer, and why a login ends', async () => {
    const { user } = (await world.enrollPhone({ pin: PIN })).owner
    const inBrowser = keycloak({ pageOrigin: ORIGIN })
    expect(await inBrowser.login(user, { seconds: 0.6 })).toBe('still waiting')
    const other = await world.enrollPhone({ pin: PIN })
    expect(await meanwhile(inBrowser.login(other.owner.user), other, no)).toBe('declined')
    expect(await inBrowser.login(user, { pin: 'other' })).toBe('error: wrong otp pin')
    expect(await inBrowser.login('nobody', { pin: PIN })).toMatch(/^error: ERR904: /)
  })

  it('gets no answer for a page of an origin that is not configured', async () => {
    const { owner } = await world.enrollPhone()
    const ending = await keycloak({ pageOrigin: 'https://elsewhere.example' }).login(owner.user)
    expect(ending).toMatch(/^error: NetworkError/)
  })

  it('takes a code from the phone as an OTP of that transaction', async () => {
    await world.policy('authentication', { push_code_to_phone: true })
    const holder = await world.enrollPhone()
    const client = keycloak()
    const opened = await client.triggerChallenges(holder.owner.user)
    expect(opened).toMatchObject({ authentication: 'CHALLENGE', value: false, preferredMode: 'otp' })
    expect(opened.challenges).toMatchObject([{ type: 'push', clientMode: 'interactive', serial: holder.serial }])
    const { displayCode = '' } = await holder.phone.accept(await nextPrompt(holder.phone, holder.serial))
    const used = await client.validateCheck(holder.owner.user, displayCode, opened.transactionId)
    expect(used).toMatchObject({ authentication: 'ACCEPT', value: true, challenges: [], transactionId: '' })
  })

  it('shows the option to tap', async () => {
    await world.policy('authentication', { push_require_presence: true })
    const holder = await world.enrollPhone()
    const opened = await keycloak().triggerChallenges(holder.owner.user)
    const [, presence = ''] = / Please press: (.)$/.exec(opened.message) ?? []
    expect(await holder.phone.accept(await nextPrompt(holder.phone, holder.serial), { presence })).toMatchObject({
      taken: true,
    })
  })

  it('signs in once for many logins, also with a name that is not ASCII', async () => {
    const client = new Keycloak({ url: nod.url, serviceAccount: nod.admin })
    expect(await client.authToken()).toBe(await client.authToken())
  })
})

describe('php-client', () => {
  it('finds every field it declares, of its type', async () => {
    const { owner, serial } = await world.enrollPhone()
    const opened = await php().triggerChallenge(owner.user)
    expect(opened).toMatchObject({ error: undefined, status: true, authentication: 'CHALLENGE', preferredMode: 'push' })
    expect(opened.challenges).toMatchObject([{ serial, type: 'push', attributes: '', clientMode: 'poll' }])
  })

  it('sees an error by the value that is missing', async () => {
    expect(await php().validateCheck('nobody', 'x')).toMatchObject({ error: { code: '904' } })
    const stranger = php({ serviceAccount: { login: 'nobody', password: 'x' } })
    expect(await stranger.triggerChallenge('nobody')).toMatchObject({
      error: { code: expect.stringMatching(/^403|^430/) },
    })
  })
})

describe('FreeRADIUS', () => {
  it('turns answers into RADIUS packets', async () => {
    const holder = await world.enrollPhone({ pin: `${PIN} with a space` })
    const { user: userName } = holder.owner
    const challenge = await radius().access({ userName, userPassword: `${PIN} with a space` })
    expect(challenge.code).toBe('Access-Challenge')
    expect(challenge.replyMessage).toBe('Please confirm the authentication on your mobile device!')
    expect(challenge.state).toMatch(/^0x(?:3\d){20}$/)
    const { state = '' } = challenge
    const early = await radius().access({ userName, userPassword: 'x', state })
    expect(early).toEqual({ code: 'Access-Reject', replyMessage: 'Response did not match the challenge.' })
    const wrong = await radius().access({ userName, userPassword: 'x' })
    expect(wrong).toEqual({ code: 'Access-Reject', replyMessage: 'wrong otp pin' })
    expect((await radius().access({ userName: 'nobody', userPassword: 'x' })).code).toBe('notfound')
  })

  it('is let in by push_wait without a second packet', async () => {
    await world.policy('authentication', { push_wait: '8' })
    const holder = await world.enrollPhone({ pin: PIN })
    const asked = (): Promise<unknown> => radius().access({ userName: holder.owner.user, userPassword: PIN })
    expect(await meanwhile(asked(), holder, yes)).toMatchObject({ code: 'Access-Accept' })
    expect(await meanwhile(asked(), holder, no)).toEqual({ code: 'Access-Reject', replyMessage: 'wrong otp value' })
  })
})

describe('privacyidea-pam', () => {
  it('polls twice a second until its time is over, whatever the phone answered', async () => {
    const holder = await world.enrollPhone({ pin: PIN })
    const module = pam()
    const login = module.authenticate({ user: holder.owner.user, password: PIN })
    expect(await meanwhile(login, holder, no)).toBe('PAM_AUTH_ERR')
    expect(module.polls).toBe(2)
  })

  it('asks for what a refusal says, and for the code from the phone', async () => {
    await world.policy('authentication', { push_code_to_phone: true })
    const holder = await world.enrollPhone({ pin: PIN })
    const prompts: string[] = []
    const ask = async (prompt: string): Promise<string> => {
      prompts.push(prompt)
      if (prompts.length === 1) return PIN
      return (await holder.phone.accept(await nextPrompt(holder.phone, holder.serial))).displayCode ?? ''
    }
    const module = pam({ first: undefined })
    expect(await module.authenticate({ user: holder.owner.user, ask })).toBe('PAM_SUCCESS')
    expect(prompts).toEqual(['Please enter your OTP:', 'Please enter the code displayed on your smartphone.'])
  })

  it('waits as long as push_wait says', async () => {
    await world.policy('authentication', { push_wait: '8' })
    const holder = await world.enrollPhone()
    const login = pam({ first: 'sendEmptyPass' }).authenticate({ user: holder.owner.user })
    expect(await meanwhile(login, holder, async (one) => sleep(600).then(() => yes(one)))).toBe('PAM_SUCCESS')
  })

  it('gives up on an error', async () => {
    expect(await pam().authenticate({ user: 'nobody', password: PIN, ask: () => 'x' })).toBe('PAM_AUTH_ERR')
  })
})

describe('pam_python', () => {
  it('shows the text of the challenge, and needs no details of a refusal', async () => {
    const { owner } = await world.enrollPhone({ pin: PIN })
    const prompts: string[] = []
    const ask = (prompt: string): string => (prompts.push(prompt) === 1 ? PIN : 'x')
    expect(await python().authenticate({ user: owner.user, ask })).toBe('PAM_AUTH_ERR')
    expect(prompts).toEqual(['Your OTP: ', 'Please confirm the authentication on your mobile device!'])
    expect(await python().authenticate({ user: owner.user, ask: () => 'wrong' })).toBe('PAM_AUTH_ERR')
    expect(await python().authenticate({ user: 'nobody', ask: () => 'x' })).toBe('PAM_SYSTEM_ERR')
  })
})

/** Logins that were opened over the ring budget: the text asks for a code, and every plugin has a field for it. */
const OVER_BUDGET: Readonly<Record<string, (user: string, code: () => Promise<string>) => Promise<boolean>>> = {
  Keycloak: async (user, code) => {
    const client = keycloak()
    const opened = await client.validateCheck(user, PIN)
    expect(opened).toMatchObject({ preferredMode: 'otp', message: CODE })
    return (await client.validateCheck(user, await code(), opened.transactionId)).value
  },
  Nextcloud: async (user, code) => {
    const opened = await php().validateCheck(user, PIN)
    expect(opened.challenges).toMatchObject([{ clientMode: 'interactive', message: CODE }])
    return (await php().validateCheck(user, await code(), opened.transactionId)).value
  },
  FreeRADIUS: async (userName, code) => {
    const { state = '', replyMessage } = await radius().access({ userName, userPassword: PIN })
    expect(replyMessage).toBe(CODE)
    return (await radius().access({ userName, userPassword: await code(), state })).code === 'Access-Accept'
  },
  'privacyidea-pam': async (user, code) => {
    const shown: string[] = []
    const ask = (prompt: string) => (shown.push(prompt), code())
    const result = await pam().authenticate({ user, password: PIN, ask })
    expect(shown).toEqual([CODE])
    return result === 'PAM_SUCCESS'
  },
  pam_python: async (user, code) => {
    const shown: string[] = []
    const ask = (prompt: string) => (shown.push(prompt) === 1 ? PIN : code())
    const result = await python().authenticate({ user, ask })
    expect(shown.at(-1)).toBe(CODE)
    return result === 'PAM_SUCCESS'
  },
}

describe('a login over the ring budget', () => {
  it.each(Object.entries(OVER_BUDGET))('asks for the code of the phone, and lets the user in: %s', async (_, login) => {
    const { phone, serial, owner } = await world.enrollPhone({ pin: PIN })
    for (let time = 0; time < 5; time++) await world.service.trigger(owner)
    const before = new Set((await phone.poll(serial)).map(({ nonce }) => nonce))
    const code = async (): Promise<string> => {
      const prompts = (await phone.poll(serial)).filter(({ nonce }) => !before.has(nonce))
      return (await phone.accept(only(prompts))).displayCode ?? ''
    }
    expect(await login(owner.user, code)).toBe(true)
  })
})

describe('the app on an iPhone', () => {
  it('is answered when it asks for permission, and then registers', async () => {
    expect((await preflight(world.phoneUrl())).headers['content-type']).toMatch(/^application\/json/)
    const holder = await world.enrollPhone({ system: 'iOS/18.1' })
    expect(holder.phone.tokens.has(holder.serial)).toBe(true)
  })
})
