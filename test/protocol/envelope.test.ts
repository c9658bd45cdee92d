import { describe, expect, it } from 'vitest'
import { authenticationOf, failure, success } from '../../src/protocol/envelope.ts'
import { instant } from '../../src/vocabulary.ts'
import { recording } from './recordings.ts'

const now = instant(1_764_000_000_123)

describe('the envelope', () => {
  it('holds the result', () => {
    const detail = { message: 'Found matching challenge', serial: 'A' }
    expect(success(2, true, { authentication: 'ACCEPT', detail }, now)).toEqual({
      id: 2,
      jsonrpc: '2.0',
      result: { status: true, value: true, authentication: 'ACCEPT' },
      detail: { ...detail, threadid: 1 },
      time: 1_764_000_000.123,
      version: expect.stringMatching(/^Nod [0-9.]+$/),
      versionnumber: expect.stringMatching(/^[0-9.]+$/),
    })
  })

  it('has no detail if it is empty, and no authentication if the endpoint is not about a login', () => {
    for (const more of [{}, { detail: {} }, { detail: undefined, authentication: undefined }]) {
      const { result, ...rest } = success(1, [], more, now)
      expect(result).toEqual({ status: true, value: [] })
      expect(Object.keys(rest).toSorted()).toEqual(['id', 'jsonrpc', 'time', 'version', 'versionnumber'])
    }
  })

  it('holds an error', () => {
    expect(failure(905, 'ERR905: Missing parameters!', { detail: null }, now)).toEqual({
      id: 1,
      jsonrpc: '2.0',
      result: { status: false, error: { code: 905, message: 'ERR905: Missing parameters!' } },
      detail: null,
      time: 1_764_000_000.123,
      version: expect.stringMatching(/^Nod /),
    })
    expect(failure(4031, 'x', { detail: {} }, now).detail).toEqual({})
    expect(failure(4031, 'x', { detail: { message: 'y' } }, now).detail).toEqual({ message: 'y', threadid: 1 })
  })
})

describe('the authentication word', () => {
  it.each(['04-trigger', '05-check-pin', '06-accept-finalize', '07-decline', '08-answer-errors'])(
    'is the one in %s',
    (name) => {
      const decisions = recording(name).exchanges.flatMap(({ response }) => {
        const { result, detail } = response.json ?? { result: {} }
        return result.authentication === undefined ? [] : [{ ...result, detail: detail ?? undefined }]
      })
      expect(decisions.length).toBeGreaterThan(1)
      for (const { value, detail, authentication } of decisions) {
        expect(authenticationOf(value === true || Number(value), detail)).toBe(authentication)
      }
    },
  )
})
