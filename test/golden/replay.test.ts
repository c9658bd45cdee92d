import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type OwnNod, startOwnNod } from '../conformance/own-nod.ts'
import { DIVERGENCES } from './divergences.ts'
import { replayFile, type Target } from './replay/replay-file.ts'
import { Judgement } from './replay/judgement.ts'
import { NOT_YET } from './replay/not-yet.ts'
import { DELIVERY_FAILURES, FILES } from './replay/recording.ts'
import { MODES } from './replay/run.ts'

/** A file enrolls phones, waits for messages and lets challenges expire: seconds, on a busy machine more. */
const PATIENCE = 120_000

const judgement = new Judgement(DIVERGENCES, NOT_YET)

// Where deliveries fail, Nod stops sending for a while, and says so only if it waits for Google: a Nod of its own.
let own: OwnNod
beforeAll(async () => {
  own = await startOwnNod()
})
afterAll(() => own.stop())
const targetOf = (file: string): Target => (DELIVERY_FAILURES.has(file) ? own : inject('served'))

// One after the other: every file begins by deleting all tokens, policies and users of the Nod it is replayed against.
describe.each(MODES)('what privacyIDEA answered, Nod answers, to phones that answer %s', (mode) => {
  it.each(FILES)('%s', { timeout: PATIENCE }, async (file) => {
    const faults: string[] = []
    for await (const line of replayFile(file, mode, targetOf(file), judgement)) {
      faults.push(...line.faults.map((fault) => `#${line.number} ${line.label}: ${fault}`))
    }
    expect([...faults, ...judgement.unneeded(file, mode)]).toEqual([])
  })

  it('needs every divergence that is listed for all files', () => {
    const hasReplayedAll = FILES.every((file) => judgement.hasReplayed(file, mode))
    expect(hasReplayedAll ? judgement.unneeded('*', mode) : []).toEqual([])
  })
})
