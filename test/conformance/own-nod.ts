/** Starts a Nod for one file of tests, as `npm start` serves it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NodProcess } from '../served/nod-process.ts'
import { startGoogle } from '../simulation/google.ts'
import type { PeerOptions } from './options.ts'

/** An origin whose login pages may poll. */
export const ORIGIN = 'https://login.example.org'

/** Not ASCII, for the JWT that java-client reads with the wrong alphabet. */
const admin = { login: 'jürgen', password: 'jürgenpw-of-tests' }

export interface OwnNod extends PeerOptions {
  readonly origin: string
  readonly google: string
  stop(): Promise<void>
}

/** `deliveryWait`: milliseconds that a trigger waits for FCM; by default so long that what FCM says is always known in time. */
export async function startOwnNod({ deliveryWait = 3000 } = {}): Promise<OwnNod> {
  const state = await mkdtemp(join(tmpdir(), 'nod-own-'))
  const google = await startGoogle()
  const nod = new NodProcess({
    NOD_STATE: state,
    ADMIN_LOGIN: admin.login,
    ADMIN_PASSWORD: admin.password,
    SIGNING_KEY_BITS: '2048',
    AUDIT_STRANGER_RECORDS_PER_HOUR: '100000',
    CORS_ORIGINS: ORIGIN,
    DELIVERY_WAIT_MS: String(deliveryWait),
    FCM_URL: google.url,
    FIREBASE_FB1: JSON.stringify(google.serviceAccount),
  })
  const stop = async (): Promise<void> => {
    nod.kill('SIGTERM')
    await nod.ended()
    await google.stop()
    await rm(state, { recursive: true, force: true })
  }
  const url = await nod.url().catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return { url, admin, google: google.url, firebase: 'fb1', origin: ORIGIN, users: [], slow: false, stop }
}
