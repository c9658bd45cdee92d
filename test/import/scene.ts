/** What there is at the other server before it is left: a phone in every state. */
import { writeFileSync } from 'node:fs'
import type { Google } from '../simulation/google.ts'
import type { EnrolledUser, PendingEnrollment } from '../driver/driver.ts'
import { expectDone, type OldServer } from './old-server.ts'

export interface Scene {
  /** `upstream`: its PIN is hashed by argon2. */
  readonly alice: EnrolledUser
  /** Without a PIN. */
  readonly bob: EnrolledUser
  /** Two tokens: one with a PIN that the server has encrypted, one reached by FCM. */
  readonly carol: readonly [EnrolledUser, EnrolledUser]
  readonly disabled: EnrolledUser
  readonly locked: EnrolledUser
  readonly revoked: EnrolledUser
  readonly unassigned: EnrolledUser
  /** Its QR code is out. */
  readonly waiting: PendingEnrollment
  /** Of eduMFA's own app. */
  readonly edu: EnrolledUser | undefined
  /** How many push tokens there are. */
  readonly count: number
}

const REALM = { realm: 'realm1' }

/** Enrolls, changes and uses tokens as an administrator and their users do. The simulated Google delivers what it pushes. */
export async function prepareScene(server: OldServer, { serviceAccount }: Google): Promise<Scene> {
  const { driver, path, kind } = server
  const { service } = driver
  const call = (method: string, to: string, form: Readonly<Record<string, string>> = {}) =>
    expectDone(service.call(method, to, { form }))
  writeFileSync(path('service-account.json'), JSON.stringify(serviceAccount))
  const module = `${kind}.lib.smsprovider.FirebaseProvider.FirebaseProvider`
  await expectDone(
    service.call('POST', '/smsgateway', {
      json: { name: 'fb1', module, 'option.JSON config file': path('service-account.json') },
    }),
  )
  // privacyIDEA refuses actions of eduMFA's.
  const known = ([name]: readonly [string, unknown]) => kind === 'edumfa' || !name.startsWith('edu')
  const enrolling = Object.fromEntries(Object.entries(driver.enrollmentAction('poll only')).filter(known))
  await service.setPolicy('push', 'enrollment', enrolling, { ...REALM, priority: 2 })
  await service.setPolicy('texts', 'authentication', { push_text_on_mobile: 'Log in?' }, REALM)

  const alice = await driver.enroll('alice', { pin: '1111' })
  const bob = await driver.enroll('bob')
  const carol = await driver.enroll('carol')
  await service.setPolicy('encrypted', 'enrollment', { encrypt_pin: true }, { ...REALM, user: 'carol' })
  await call('POST', '/token/setpin', { serial: carol.serial, user: 'carol', ...REALM, otppin: '3333' })
  await call('DELETE', '/policy/encrypted')
  await service.setPolicy('fcm', 'enrollment', { push_firebase_configuration: 'fb1' }, { ...REALM, user: 'carol' })
  const pushed = await driver.enroll('carol', { pin: '3333', registrationToken: 'of-carols-phone' })
  const disabled = await driver.enroll('dave')
  await call('POST', `/token/description/${disabled.serial}`, { description: 'an old phone' })
  await call('POST', '/token/set', { serial: disabled.serial, validity_period_end: '2031-01-01T00:00+0000' })
  await call('POST', `/token/disable/${disabled.serial}`)
  const locked = await driver.enroll('dave', { pin: '4444' })
  await call('POST', '/token/set', { serial: locked.serial, max_failcount: '3' })
  for (const pass of ['1', '2', '3']) await service.check({ serial: locked.serial, pass })
  const revoked = await driver.enroll('jürgen')
  await call('POST', `/token/revoke/${revoked.serial}`)
  const unassigned = await driver.enroll('jürgen')
  await call('POST', '/token/unassign', { serial: unassigned.serial })
  await call('POST', `/token/info/${unassigned.serial}/polling_allowed`, { value: 'False' })
  await call('POST', `/token/info/${unassigned.serial}/inventory`, { value: 'A-17' })
  const waiting = await driver.beginEnrollment('jürgen')
  await call('POST', '/token/init', { type: 'totp', genkey: '1', user: 'alice', ...REALM })
  const edu = kind === 'edumfa' ? await driver.enroll('bob', { type: 'edupush', pin: '5555' }) : undefined

  // Somebody has logged in there.
  const { transactionId } = await service.triggerWithPin(alice.owner, '1111')
  const [prompt] = await alice.phone.poll()
  if (prompt === undefined) throw new Error('no prompt came from the other server')
  await alice.phone.accept(prompt)
  if ((await service.finalize(transactionId, alice.owner)) !== 'ACCEPT') throw new Error('not accepted there')
  return {
    alice,
    bob,
    carol: [carol, pushed],
    disabled,
    locked,
    revoked,
    unassigned,
    waiting,
    edu,
    count: edu === undefined ? 9 : 10,
  }
}
