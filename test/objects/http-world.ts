/** Drives the Worker of this isolate over HTTP, with a simulated service and simulated phones. */
import { expect } from 'vitest'
import { Driver } from '../driver/driver.ts'
import { inProcess } from '../driver/in-process.ts'
import type { Phone, PhoneOptions } from '../simulation/phone.ts'
import type { Form, Service } from '../simulation/service.ts'

export const NOD = inProcess.url
const driver = new Driver(inProcess, { polled: 'polled', pushed: 'pushed' })

/** A service, with the administrator's API token; in the realm `polled` tokens are poll-only, in `pushed` FCM reaches them. */
export async function openService(): Promise<Service> {
  await driver.signIn({ login: 'admin', password: 'adminpw-of-tests' })
  await driver.addRealms('fb1')
  return driver.service
}

/** A service that sends this key with each call. */
export const caller = (authorization: string): Service => driver.caller({ authorization })

export const newPhone = (options: PhoneOptions = {}): Phone => driver.phone(options)

/** A user, as a service names them, and the phone that holds their token. */
export interface Holder {
  readonly phone: Phone
  readonly serial: string
  readonly who: { readonly user: string; readonly realm: string }
}

/** Enrolls a phone for a user. */
export async function equip(user: string, realm: 'polled' | 'pushed', parameters: Form = {}): Promise<Holder> {
  const { phone, serial, owner } = await driver.enroll(user, { realm, parameters })
  return { phone, serial, who: owner }
}

/** Logs a holder in, by the newest prompt on their phone. Returns the id of the login. */
export async function logIn({ who, phone, serial }: Holder): Promise<string> {
  const { transactionId } = await driver.service.trigger(who)
  const [prompt] = (await phone.poll(serial)).slice(-1)
  if (prompt === undefined) throw new Error('no prompt')
  await phone.accept(prompt)
  expect(await driver.service.finalize(transactionId)).toBe('ACCEPT')
  return transactionId
}
