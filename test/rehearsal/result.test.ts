import { describe, expect, it } from 'vitest'
import { phonesOf, planUsers } from '../../scripts/rehearsal/people.ts'
import { type Attempt, countsOf, isFaultless, lastLine, phaseTable } from '../../scripts/rehearsal/result.ts'

const one = (attempt: Partial<Attempt>): Attempt => ({
  phase: 'before',
  login: 'user001',
  realm: 'north',
  kind: 'polled',
  expected: 'accepted',
  outcome: 'accepted',
  by: 'old',
  why: '',
  again: 0,
  ...attempt,
})

describe('the result of a rehearsal', () => {
  const fine = [
    one({}),
    one({ phase: 'after', by: 'nod', again: 1 }),
    one({ expected: 'declined', outcome: 'declined', by: undefined }),
    one({ expected: 'refused', outcome: 'refused', by: undefined }),
  ]

  it('is faultless if every login ended as it should', () => {
    const counts = countsOf(fine, 0)
    expect(isFaultless(counts)).toBe(true)
    expect(lastLine(fine, counts, 20, 'privacyIDEA')).toBe(
      'logins lost: 0, re-enrollments: 0, let in wrongly: 0, unanswered: 0, logins: 4 (accepted by privacyIDEA: 1, by Nod: 1), asked again: 1, phones: 20',
    )
    expect(phaseTable(fine).split('\n')[2]).toMatch(/^after +1 +0 +1 +0 +0 +0$/)
  })

  it.each([
    ['a login that failed', { outcome: 'failed' }, { lost: 1 }],
    ['a user who was refused', { outcome: 'refused' }, { lost: 1 }],
    ['a decline that got lost', { expected: 'declined', outcome: 'failed' }, { lost: 1 }],
    ['a decline that let somebody in', { expected: 'declined', outcome: 'accepted' }, { wrongly: 1, lost: 0 }],
    ['a locked token that logged in', { expected: 'refused', outcome: 'accepted' }, { wrongly: 1, lost: 0 }],
    ['no answer to a wrong PIN', { expected: 'refused', outcome: 'failed' }, { unanswered: 1, lost: 0 }],
  ] as const)('counts %s', (_, attempt, counts) => {
    const found = countsOf([...fine, one(attempt)], 0)
    expect(found).toMatchObject(counts)
    expect(isFaultless(found)).toBe(false)
  })

  it('counts phones that have to be enrolled again', () => {
    expect(isFaultless(countsOf(fine, 1))).toBe(false)
  })
})

describe('the users of a rehearsal', () => {
  it.each([10, 13, 20, 200])('have %d phones, in both realms, in every state', (phones) => {
    const users = planUsers(phones)
    expect(users.reduce((sum, { kind }) => sum + phonesOf(kind), 0)).toBe(phones)
    expect(new Set(users.map(({ realm }) => realm)).size).toBe(2)
    expect(new Set(users.map(({ kind }) => kind)).size).toBe(9)
    expect(new Set(users.map(({ login }) => login)).size).toBe(users.length)
  })

  it('are in both realms in each state, if there are enough', () => {
    const users = planUsers(200)
    expect(new Set(users.map(({ realm, kind }) => `${realm} ${kind}`)).size).toBe(18)
  })
})
