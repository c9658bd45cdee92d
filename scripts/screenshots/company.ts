/** A Nod with the data of a company after two weeks: tokens of many, phones of some, and their logins. */
import { generateKeyPairSync } from 'node:crypto'
import { Driver, type EnrolledUser, nextPrompt } from '../../test/driver/driver.ts'
import { Phone } from '../../test/simulation/phone.ts'
import { startGoogle } from '../../test/simulation/google.ts'
import { currentBuild } from '../lib/build-cache.mjs'
import { openDatabase } from '../lib/database.mjs'
import { seedStatements } from '../lib/seed-statements.ts'
import { serve } from '../serve.mjs'
import { addHistory } from './history.ts'

const ADMIN = { login: 'grace.hopper', password: 'a compiler in 1952' }
const REALM = 'engineering'
const TOKENS = 400
const PEOPLE = ['ada.lovelace', 'alan.turing', 'barbara.liskov', 'katherine.johnson', 'radia.perlman', 'hedy.lamarr']
const SERVICES = ['keycloak', 'mail', 'vpn'] as const

export interface Company {
  readonly url: string
  readonly admin: typeof ADMIN
  readonly realm: string
  readonly driver: Driver
  /** Somebody with some logins. */
  readonly ada: EnrolledUser
  /** Somebody whose phone has logins that nobody answers. */
  readonly alan: EnrolledUser
  /** A login that was accepted. */
  readonly transactionId: string
  /** A login that its user called somebody else's. */
  readonly declinedId: string
  close(): Promise<void>
}

/** Serves it from a state folder, which the caller removes. */
export async function openCompany(state: string): Promise<Company> {
  await seed(state)
  const google = await startGoogle({ projectId: 'acme-login' })
  const nod = await serve({
    PORT: '0',
    NOD_STATE: state,
    ADMIN_LOGIN: ADMIN.login,
    ADMIN_PASSWORD: ADMIN.password,
    SIGNING_KEY_BITS: '2048',
    FCM_URL: google.url,
    FIREBASE_ACME: JSON.stringify(google.serviceAccount),
    ADDRESS_HEADER: 'CF-Connecting-IP',
  })
  const close = async (): Promise<void> => {
    await nod.stop()
    await google.stop()
  }
  try {
    const driver = new Driver({ url: nod.url }, { polled: REALM })
    await driver.signIn(ADMIN)
    await writePolicies(driver)
    const people = await Promise.all(PEOPLE.map((user) => driver.enroll(user, { pin: '4711', phone: newPhone() })))
    const { accepted, declined } = await logIn(driver, people)
    await invite(driver)
    await driver.service.call('POST', '/deployment/audit/flush')
    await addHistory(await nod.database(), Date.now())
    const [ada, alan] = people
    if (ada === undefined || alan === undefined) throw new Error('nobody is enrolled')
    return {
      url: nod.url,
      admin: ADMIN,
      realm: REALM,
      driver,
      ada,
      alan,
      transactionId: accepted,
      declinedId: declined,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

let phones = 0
const newPhone = (): Phone => new Phone({ system: phones++ % 2 === 0 ? 'Android/16' : 'iOS/26.1' })

async function seed(state: string): Promise<void> {
  const { db, close } = await openDatabase(state, await currentBuild())
  try {
    const keys = Array.from({ length: 2 }, () =>
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'der', type: 'spki' }),
    )
    const texts = keys.map((key) => key.toString('base64'))
    const statements = seedStatements(0, TOKENS, texts, Date.now())
    await db.batch(statements.map(({ sql, values }) => db.prepare(sql).bind(...values)))
  } finally {
    await close()
  }
}

async function writePolicies({ service, url }: Driver): Promise<void> {
  const registration = { push_registration_url: `${url}/ttype/push`, push_firebase_configuration: 'acme' }
  await service.setPolicy('phones', 'enrollment', { ...registration, new_phone_notice: 'off' })
  await service.setPolicy('vpn-needs-a-tap', 'authentication', { push_require_presence: true }, { realm: ['sales'] })
  await service.setPolicy('rings', 'authentication', { push_firewall: 'off', push_text_on_mobile: 'Log in to Acme?' })
  await service.setPolicy('own-phones', 'webui', { login_mode: 'code' }, { realm: [REALM] })
  await service.setPolicy('office', 'authorization', { no_detail_on_fail: true }, { client: ['192.0.2.0/24'] })
  await service.call('POST', '/administrator', {
    form: { login: 'margaret.hamilton', password: 'apollo guidance computer', role: 'helpdesk' },
  })
  await service.call('POST', '/administrator', {
    form: { login: 'radius-plugin', password: 'a plugin that signs in by password', role: 'validate' },
  })
}

async function invite({ service }: Driver): Promise<void> {
  for (const [user, note] of [
    ['annie.easley', 'starts on Monday'],
    ['dorothy.vaughan', 'new phone'],
  ])
    await service.call('POST', '/invitation', { form: { user: user ?? '', realm: REALM, note: note ?? '' } })
}

/** Logins of today, each as people answer it. Returns one that was accepted, and one that its user called somebody else's. */
async function logIn(
  driver: Driver,
  people: readonly EnrolledUser[],
): Promise<{ readonly accepted: string; readonly declined: string }> {
  let accepted = ''
  let declined = ''
  const address = { 'CF-Connecting-IP': '192.0.2.17' }
  for (const [index, name] of SERVICES.entries()) {
    const reply = await driver.service.call('POST', '/apikey', { form: { name, role: 'validate' } })
    const { key } = reply.value as { readonly key: string }
    const service = driver.caller({ authorization: key, userAgent: `${name}-plugin/2.1` })
    for (const [at, { owner, phone, serial }] of people.entries()) {
      const login = await service.trigger(owner)
      const prompt = await nextPrompt(phone, serial)
      const kind = (at + 2 * index) % 9
      if (kind === 4) await phone.decline(prompt, { reason: 'cancelled' })
      else if (kind === 7) {
        await phone.decline(prompt, { reason: 'unknown_trigger' })
        declined = login.transactionId
      } else {
        await phone.accept(prompt)
        await service.finalize(login.transactionId, owner)
        if (at === 0) accepted = login.transactionId
      }
    }
    const [, alan] = people
    await service.call('POST', '/validate/check', { form: { ...alan?.owner, pass: '1234' }, headers: address })
    await service.call('POST', '/validate/check', {
      form: { user: 'somebody', realm: REALM, pass: '' },
      headers: address,
    })
  }
  return { accepted, declined }
}
