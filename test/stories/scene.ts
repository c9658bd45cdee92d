/** Drives the Nod that `test/served/setup.ts` serves. Every file of stories has two realms of its own there, and so meets no
 *  user, token or policy of another file. */
import { connect, type Socket } from 'node:net'
import { inject } from 'vitest'
import { Driver } from '../driver/driver.ts'
import { GoogleControl } from '../driver/google.ts'
import type { Service } from '../simulation/service.ts'

const served = inject('served')
export const { url } = served
export const google = new GoogleControl(served.google)

/** Opens two realms: tokens of `name` are poll-only, those of `name-fcm` are reached through the simulated Google. */
export async function openNod(name: string): Promise<Driver> {
  const nod = new Driver({ url }, { polled: name, pushed: `${name}-fcm` })
  await nod.signIn(served.admin)
  await nod.addRealms('fb1')
  return nod
}

/** Opens Nod as `openNod`, with services that it believes where their users are. `close` ends that, revokes their keys and closes
 *  Nod. */
export async function openTrusting<Name extends string>(name: string, ...names: readonly Name[]) {
  const nod = await openNod(name)
  await nod.service.call('POST', '/system/setConfig', { form: { OverrideAuthorizationClient: '127.0.0.1' } })
  const opened = names.map(async (one) => [one, nod.caller({ authorization: await nod.serviceKey(one) })] as const)
  const services = Object.fromEntries(await Promise.all(opened)) as Readonly<Record<Name, Service>>
  const close = async (): Promise<void> => {
    await nod.service.call('DELETE', '/system/OverrideAuthorizationClient')
    for (const one of names) await nod.revokeServiceKey(one)
    await nod.close()
  }
  return { nod, services, close }
}

/** A caller whose connection can be cut. */
export const openConnection = (address: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(address).port), '127.0.0.1', () => resolve(socket)).once('error', reject)
  })
