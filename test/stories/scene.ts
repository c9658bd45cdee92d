/** Drives the Nod that `test/served/setup.ts` serves. Every file of stories has two realms of its own there, and so meets no
 *  user, token or policy of another file. */
import { connect, type Socket } from 'node:net'
import { inject } from 'vitest'
import { Driver } from '../driver/driver.ts'
import { GoogleControl } from '../driver/google.ts'

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

/** A caller whose connection can be cut. */
export const openConnection = (address: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(address).port), '127.0.0.1', () => resolve(socket)).once('error', reject)
  })
