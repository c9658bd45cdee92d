import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type OwnNod, startOwnNod } from '../conformance/own-nod.ts'
import { DIVERGENCES } from './divergences.ts'
import { replayFile, type Target } from './replay/replay-file.ts'
import { Judgement } from './replay/judgement.ts'
import { DELIVERY_FAILURES, FILES, readRecording } from './replay/recording.ts'
import { isAnswer } from './replay/request.ts'
import { type Mode, MODES } from './replay/run.ts'

/** A recording enrolls phones, waits for messages and lets challenges expire: seconds, on a busy machine more. */
const PATIENCE = 120_000

const judgement = new Judgement(DIVERGENCES)

// A Nod of its own for failed deliveries: after some it stops sending for a while.
let own: OwnNod
beforeAll(async () => {
  own = await startOwnNod({ deliveryWait: 0 })
})
afterAll(() => own.stop())
const targetOf = (file: string): Target => (DELIVERY_FAILURES.has(file) ? own : inject('served'))

/** In a recording without an answer of a phone both modes send the same. */
const filesOf = (mode: Mode) =>
  FILES.filter((file) => mode === 'without nonce' || readRecording(file).exchanges.some(isAnswer))

// One after the other: every replay begins by deleting all tokens, policies and users of its Nod.
describe.each(MODES)('what privacyIDEA answered, Nod answers, to phones that answer %s', (mode) => {
  it.each(filesOf(mode))('%s', { timeout: PATIENCE }, async (file) => {
    const faults: string[] = []
    for await (const line of replayFile(file, mode, targetOf(file), judgement)) {
      faults.push(...line.faults.map((fault) => `#${line.number} ${line.label}: ${fault}`))
    }
    expect([...faults, ...judgement.unneeded(file, mode)]).toEqual([])
  })
})

it('what privacyIDEA answered, Nod answers, but for divergences that are needed', () => {
  const [mode] = MODES
  const hasReplayedAll = FILES.every((file) => judgement.hasReplayed(file, mode))
  expect(hasReplayedAll ? judgement.unneeded('*', mode) : []).toEqual([])
})
