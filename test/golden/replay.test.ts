import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serve } from '../../scripts/serve.mjs'
import { type Google, startGoogle } from '../simulation/google.ts'
import { DIVERGENCES, NOT_YET } from './divergences.ts'
import { replayFile } from './replay/file.ts'
import { Judgement } from './replay/judgement.ts'
import { FILES } from './replay/recording.ts'
import { MODES } from './replay/run.ts'

/** A file enrolls phones, waits for messages and lets challenges expire: seconds, on a busy machine more. */
const PATIENCE = 120_000

const ADMIN = { login: 'admin', password: 'adminpw' }

// Not the Nod that the other tests share: every file begins by deleting all tokens, policies and users.
let state: string
let google: Google
let nod: Awaited<ReturnType<typeof serve>>

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'nod-golden-'))
  google = await startGoogle()
  nod = await serve({
    PORT: '0',
    NOD_STATE: state,
    ADMIN_LOGIN: ADMIN.login,
    ADMIN_PASSWORD: ADMIN.password,
    SIGNING_KEY_BITS: '2048',
    FCM_URL: google.url,
    FIREBASE_FB1: JSON.stringify(google.serviceAccount),
  })
}, PATIENCE)

afterAll(async () => {
  await nod?.stop()
  await google?.stop()
  await rm(state, { recursive: true, force: true })
})

const judgement = new Judgement(DIVERGENCES, NOT_YET)

// One after the other, in this order.
describe.each(MODES)('what privacyIDEA answered, Nod answers, to phones that answer %s', (mode) => {
  it.each(FILES)('%s', { timeout: PATIENCE }, async (file) => {
    const target = { url: nod.url, admin: ADMIN, google: google.url }
    const faults: string[] = []
    for await (const line of replayFile(file, mode, target, judgement)) {
      faults.push(...line.faults.map((fault) => `#${line.number} ${line.label}: ${fault}`))
    }
    expect([...faults, ...judgement.unneeded(file, mode)]).toEqual([])
  })

  it('needs every divergence that is listed for all files', () => {
    const hasReplayedAll = FILES.every((file) => judgement.hasReplayed(file, mode))
    expect(hasReplayedAll ? judgement.unneeded('*', mode) : []).toEqual([])
  })
})
