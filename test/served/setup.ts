import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { serve } from '../../scripts/serve.mjs'
import type { Target } from '../golden/replay/replay-file.ts'
import { startGoogle } from '../simulation/google.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The Nod under test, its administrator, and the simulated Google it delivers through. */
    readonly served: Target
  }
}

/** Serves Nod as `npm start` does, on a state of its own, with a simulated Google behind it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const state = await mkdtemp(join(tmpdir(), 'nod-served-'))
  const google = await startGoogle({ port: 0 })
  const admin = { login: 'admin', password: 'adminpw-of-tests' }
  const settings = {
    PORT: '0',
    NOD_STATE: state,
    ADMIN_LOGIN: admin.login,
    ADMIN_PASSWORD: admin.password,
    BREAK_GLASS_SECRET: 'the break-glass secret of the tests',
    SIGNING_KEY_BITS: '2048',
    FCM_URL: google.url,
    CORS_ORIGINS: 'https://login.example',
    AUDIT_STRANGER_RECORDS_PER_HOUR: '100000',
    ADDRESS_HEADER: 'CF-Connecting-IP', // as on Cloudflare, so that a test can say where a request comes from
    FIREBASE_FB1: JSON.stringify(google.serviceAccount),
  }
  const nod = await serve(settings, { around: join(import.meta.dirname, 'quick-hashes.mjs') }).catch(
    async (error: unknown) => {
      await google.stop() // it would keep the whole run from ending
      throw error
    },
  )
  project.provide('served', { url: nod.url, admin, google: google.url })
  return async () => {
    await nod.stop()
    await google.stop()
    await rm(state, { recursive: true, force: true })
  }
}
