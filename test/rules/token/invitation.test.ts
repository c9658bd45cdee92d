import { describe, expect, it } from 'vitest'
import { invitationState } from '../../../src/rules/token/invitation.ts'
import { addSeconds, instant, seconds } from '../../../src/vocabulary.ts'

const now = instant(1_800_000_000_000)
const later = (time: number) => addSeconds(now, seconds(time))
const waiting = { state: 'clientwait', revoked: false } as const
const registered = { state: 'enrolled', revoked: false, registeredAt: now } as const

describe('an invitation', () => {
  it('is open until it expires', () => {
    expect(invitationState({ expiresAt: later(1) }, now)).toBe('open')
    expect(invitationState({ expiresAt: now }, now)).toBeUndefined()
  })

  it('may be begun again until it expires', () => {
    expect(invitationState({ begunAt: now, expiresAt: later(1), token: waiting }, now)).toBe('begun')
    expect(invitationState({ begunAt: now, expiresAt: now, token: waiting }, now)).toBeUndefined()
  })

  it('tells of its phone for ten minutes after it has registered, however long it was valid', () => {
    const used = { begunAt: now, expiresAt: later(1), token: registered }
    expect(invitationState(used, later(599))).toBe('registered')
    expect(invitationState(used, later(600))).toBeUndefined()
  })

  it('is dead once its token was deleted or revoked', () => {
    expect(invitationState({ begunAt: now, expiresAt: later(1) }, now)).toBeUndefined()
    const token = { ...registered, revoked: true }
    expect(invitationState({ begunAt: now, expiresAt: later(1), token }, now)).toBeUndefined()
  })
})
