import { describe, expect, it } from 'vitest'
import { readTransaction } from '../../../src/objects/stored-transaction.ts'
import { readStep, withInfo } from '../../../src/protocol/login/step-texts.ts'
import { timelineAnswer } from '../../../src/protocol/login/timeline.ts'
import { finalizedToken } from '../../../src/rules/login/finalizing.ts'
import { loginReply } from '../../../src/rules/login/login-reply.ts'
import { loginRecord } from '../../../src/rules/login/login-audit.ts'
import { loginStatus, type Transaction } from '../../../src/rules/login/transaction.ts'
import type { AuditRecord, AuditStep } from '../../../src/vocabulary/audit.ts'
import stored from './stored-before.json' with { type: 'json' }

// Rows as the version before wrote them (8a73625): the event of a step was its text.

type Row = (typeof stored)[keyof typeof stored]['row']
const read = (row: Row): Transaction => readTransaction(row as unknown as Transaction)

describe.each(Object.entries(stored))('a login that the version before stored (%s)', (_, { row, record }) => {
  const transaction = read(row)
  const before = record as unknown as AuditRecord
  const stepsBefore = record.steps as unknown as readonly (AuditStep & { readonly what: string })[]

  it('reads the same in the audit', () => {
    const after = withInfo(loginRecord(transaction, before.at, before.at))
    const plain = (steps: readonly object[]): object[] => steps.map((step) => ({ ...step, ...UNSET }))
    expect({ ...after, steps: plain(after.steps ?? []) }).toMatchObject({
      ...before,
      steps: plain(stepsBefore.map(({ what: _what, ...step }) => step)),
    })
  })

  it('has the same timeline, from the row and from the audit', () => {
    const events = timelineAnswer(withInfo(loginRecord(transaction, before.at, before.at))).steps
    expect(events.map(({ event }) => event)).toEqual(stepsBefore.map(({ what }) => what))
    const audited = timelineAnswer({ ...before, steps: stepsBefore.map((step) => readStep<AuditStep>(step)) })
    expect(audited.steps).toEqual(events)
  })
})

/** What an entry has besides, now that its event is data. */
const UNSET = { kind: undefined, challenges: undefined, why: undefined, cause: undefined }

it('a step that was stored as text decides the same as its data', () => {
  expect(read(stored.reported.row).steps.at(-1)).toMatchObject({ kind: 'declined', reason: 'unknown_trigger' })
  expect(loginStatus(read(stored.discarded.row), read(stored.discarded.row).openedAt)).toBe('declined')
  const undelivered = { ...read(stored.finalized.row), steps: read(stored.undelivered.row).steps }
  expect(loginReply(undelivered)).toMatchObject({ undelivered: true })
})

it('stored fields are read by their present names', () => {
  const finalized = read(stored.finalized.row)
  expect(finalized).toMatchObject({
    userInput: { user: 'ada@sales' },
    successEffects: { resets: ['B'], quota: { most: 3 }, detail: { user: { username: 'ada' } } },
    finalizedByAttempt: 'attempt',
    reply: { digest: 'd' },
    challenges: [{ answer: { digest: 'a', reply: { accepted: true } } }, { answer: { digest: 'b' } }, {}],
  })
  expect(finalizedToken(finalized, 'attempt')).toEqual({ serial: 'A', type: 'push' })
  const before = ['given', 'ending', 'usedIn', 'told']
  expect(Object.keys(finalized).filter((name) => before.includes(name))).toEqual([])
  const reported = read(stored.reported.row)
  expect(loginStatus(reported, reported.openedAt)).toBe('declined')
})

it('an unknown text of a step is kept as it is', () => {
  const step = { at: 0, what: 'moved to the moon', serial: 'A' } as unknown as AuditStep
  expect(readStep(step)).toEqual({ at: 0, serial: 'A', kind: 'other', text: 'moved to the moon' })
})
