import { describe, expect, it } from 'vitest'
import { newBinding } from '../../../src/rules/token/binding.ts'
import {
  addNotice,
  answerNotice,
  changeNotice,
  dueNotices,
  endNotice,
  mayDeliver,
  nextNoticeAt,
  type Notices,
  postponeNotice,
  shownNotices,
  withPrompt,
} from '../../../src/rules/token/phone-notices.ts'
import { addSeconds, instant, revision, seconds, type Serial, type TransactionId } from '../../../src/vocabulary.ts'
import type { Binding, Notice, OwnChange } from '../../../src/vocabulary/notices.ts'

const NOW = instant(Date.UTC(2026, 10, 29, 8))
const later = (count: number) => addSeconds(NOW, seconds(count))

const bound = (serial: string, binding: Binding = 'enrolled', id = `${serial} ${binding}`): Notice => ({
  id,
  at: NOW,
  subject: { kind: 'phone_bound', serial: serial as Serial, binding },
})
const code = (number: number): Notice => ({
  id: `code ${number}`,
  at: NOW,
  subject: { kind: 'bypass_code_issued', code: number },
})

const told = (...notices: readonly Notice[]): Notices =>
  notices.reduce<Notices>((state, notice) => addNotice(state, notice, NOW) ?? state, {})
const ids = (state: Notices, at = NOW) => shownNotices(state, at).map(({ id }) => id)
const shown = (state: Notices, id: string, at = NOW) =>
  changeNotice(state, id, (one) => withPrompt(one, '1' as TransactionId, true, at))

describe('a phone', () => {
  it('shows three notices at once, the oldest first', () => {
    expect(ids(told(bound('A'), bound('B'), code(1), bound('C')))).toEqual(['A enrolled', 'B enrolled', 'code 1'])
  })

  it('shows a notice until its user has answered, for a day', () => {
    const state = told(bound('A'))
    expect(ids(state, later(86_399))).toEqual(['A enrolled'])
    expect(ids(state, later(86_400))).toEqual([])
    const answer = { declined: false, at: NOW }
    expect(ids(changeNotice(state, 'A enrolled', (one) => answerNotice(one, answer)))).toEqual([])
  })

  it('does not take the same notice twice, not even after an answer', () => {
    const state = changeNotice(told(bound('A')), 'A enrolled', (one) => answerNotice(one, { declined: false, at: NOW }))
    expect(ids(addNotice(state, bound('A'), NOW) ?? {})).toEqual([])
  })

  it('goes on saying that a phone was disabled when its name is changed afterwards', () => {
    const changed = (change: OwnChange, number: number): Notice => ({
      id: `changed ${number}`,
      at: NOW,
      subject: { kind: 'phone_changed', serial: 'A' as Serial, change, session: { id: 's', expiresAt: later(900) } },
    })
    const changes = (...all: readonly OwnChange[]) =>
      shownNotices(told(...all.map(changed)), NOW).map(({ subject }) => 'change' in subject && subject.change)
    expect(changes('disabled', 'renamed', 'rings_paused')).toEqual(['disabled'])
    expect(changes('rings_paused', 'rings_resumed')).toEqual(['rings_resumed'])
    expect(changes('renamed', 'deleted')).toEqual(['deleted'])
  })

  it('shows the later of two notices about the same, and remembers that the phone was a new one', () => {
    const state = told(bound('A'), code(1), bound('A', 'enabled'), code(2))
    expect(ids(state)).toEqual(['A enabled', 'code 2'])
    expect(shownNotices(state, NOW)[0]?.subject).toMatchObject({ binding: 'enrolled' })
    const answered = changeNotice(told(bound('A')), 'A enrolled', (one) =>
      answerNotice(one, { declined: false, at: NOW }),
    )
    const again = addNotice(answered, bound('A', 'enabled'), NOW) ?? {}
    expect(shownNotices(again, NOW)[0]?.subject).toMatchObject({ binding: 'enabled' })
  })

  it('remembers that the phone was a new one also after a decline that did not undo it: it was enabled again before', () => {
    const declined = changeNotice(told(bound('A')), 'A enrolled', (one) =>
      endNotice(answerNotice(one, { declined: true, at: NOW })),
    )
    const again = addNotice(declined, bound('A', 'enabled'), NOW) ?? {}
    expect(shownNotices(again, NOW)[0]?.subject).toMatchObject({ binding: 'enrolled' })
  })

  it('is rung for each notice about something else, and for the same at most once an hour', () => {
    const state = shown(told(bound('A')), 'A enrolled')
    const again = addNotice(state, bound('A', 'enabled'), later(60)) ?? {}
    const [same] = shownNotices(again, later(60))
    expect(same && mayDeliver(same, later(3599))).toBe(false)
    expect(same && mayDeliver(same, later(3600))).toBe(true)
    const other = shownNotices(addNotice(again, bound('B'), NOW) ?? {}, NOW)[1]
    expect(other && mayDeliver(other, NOW)).toBe(true)
  })

  it('makes room for a notice by dropping an answered one, and never an unanswered one', () => {
    const many = Array.from({ length: 20 }, (_, index) => bound(`S${index}`))
    const full = told(...many)
    expect(addNotice(full, bound('T'), NOW)).toBeUndefined()
    const answered = changeNotice(full, 'S3 enrolled', (one) => answerNotice(one, { declined: false, at: NOW }))
    expect(addNotice(answered, bound('T'), NOW)?.notices?.map(({ id }) => id)).not.toContain('S3 enrolled')
    const declined = changeNotice(full, 'S3 enrolled', (one) => answerNotice(one, { declined: true, at: NOW }))
    expect(addNotice(declined, bound('T'), NOW)).toBeUndefined()
  })
})

describe('an answer', () => {
  it('counts once: a decline is not taken back, and an acknowledgment not turned into one', () => {
    const [notice] = shownNotices(told(bound('A')), NOW)
    if (notice === undefined) throw new Error('no notice')
    const declined = answerNotice(notice, { declined: true, at: NOW })
    expect(answerNotice(declined, { declined: false, at: later(1) })).toBe(declined)
    const accepted = answerNotice(notice, { declined: false, at: NOW })
    expect(answerNotice(accepted, { declined: true, at: later(1) })).toBe(accepted)
  })

  it('to a notice that logins were stopped acknowledges it, whatever it is', () => {
    const state = told({ id: 'pin_stopped', at: NOW, subject: { kind: 'pin_stopped' } })
    const after = changeNotice(state, 'pin_stopped', (one) => answerNotice(one, { declined: true, at: NOW }))
    expect(dueNotices(after, NOW, true)).toEqual([])
    expect(ids(after)).toEqual([])
  })

  it('that declines is carried out even after the day is over, also by a phone that is disabled by then', () => {
    const state = changeNotice(told(bound('A')), 'A enrolled', (one) => answerNotice(one, { declined: true, at: NOW }))
    expect(dueNotices(state, later(90_000), false)).toHaveLength(1)
    expect(ids(addNotice(state, bound('B'), later(90_000)) ?? {}, NOW)).toEqual(['B enrolled'])
    expect(dueNotices(addNotice(state, bound('B'), later(90_000)) ?? {}, later(90_000), false)).toHaveLength(1)
  })
})

describe('work that failed', () => {
  it('is tried again after five seconds, then after twice as long each time, at most ten minutes', () => {
    let state = told(bound('A'))
    const waits: number[] = []
    for (let tries = 0; tries < 9; tries += 1) {
      state = changeNotice(state, 'A enrolled', (one) => postponeNotice(one, NOW))
      waits.push(((nextNoticeAt(state, NOW, true) ?? 0) - NOW) / 1000)
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 600, 600])
    expect(dueNotices(state, NOW, true)).toEqual([])
    expect(nextNoticeAt(state, NOW, false)).toBeUndefined()
  })
})

describe('a change of a token', () => {
  const owner = { login: 'ada', realm: 'one' }
  const token = { owner, state: 'enrolled', active: true, revoked: false, phoneKey: 'a' } as const
  const { phoneKey: _, ...unregistered } = token
  const { owner: __, ...unowned } = token

  it.each([
    ['enrolled', { ...unregistered, state: 'clientwait', active: false }, token],
    ['re_enrolled', { ...token, state: 'clientwait', active: false }, token],
    ['re_enrolled', token, { ...token, phoneKey: 'b' }],
    ['enabled', { ...token, active: false }, token],
    ['enabled', { ...token, validUntil: later(-1) }, token],
    ['assigned', unowned, token],
    ['assigned', token, { ...token, owner: { ...owner, login: 'bob' } }],
  ] as const)('is %s where the phone logs its owner in from then on', (binding, before, after) => {
    expect(newBinding(before, after, NOW)).toBe(binding)
  })

  it.each([
    ['nothing new', token, token],
    ['disabled', token, { ...token, active: false }],
    ['revoked', token, { ...token, active: false, revoked: true }],
    ['unassigned', token, unowned],
    ['shown another code', token, { ...token, state: 'clientwait', active: false }],
    ['registered without an owner', { ...unowned, state: 'clientwait', active: false }, unowned],
  ] as const)('is none where it is %s', (_name, before, after) => {
    expect(newBinding(before, after, NOW)).toBeUndefined()
  })

  it('is there also where it was disabled and enabled between two reads: a notice of before no longer undoes it', () => {
    const at = (boundRevision: number) => ({ ...token, boundRevision: revision(boundRevision) })
    expect(newBinding(at(1), at(2), NOW)).toBe('enabled')
    expect(newBinding(token, at(2), NOW)).toBe('enabled')
    expect(newBinding(at(1), at(1), NOW)).toBeUndefined()
  })
})
