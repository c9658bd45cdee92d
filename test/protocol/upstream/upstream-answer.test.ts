import { describe, expect, it } from 'vitest'
import { combineIds, splitId } from '../../../src/protocol/upstream/combined-id.ts'
import { joinChallenges, readUpstreamAnswer } from '../../../src/protocol/upstream/upstream-answer.ts'
import { readPrompts } from '../../../src/protocol/upstream/upstream-prompts.ts'
import { pagesThere, readTokenPage } from '../../../src/protocol/upstream/token-pages.ts'

const OWN = '01234567890123456789'
const answer = (result: object, detail?: object): string =>
  JSON.stringify({ result: { status: true, ...result }, detail })

describe('a transaction id of two', () => {
  it('is taken apart as it was put together, with the flag whether the upstream is polled', () => {
    for (const isPolled of [true, false]) {
      const parts = { own: OWN, theirs: '98765432109876543210', isPolled }
      const id = combineIds(parts) ?? ''
      expect(splitId(id)).toEqual(parts)
      expect(id.length).toBeLessThanOrEqual(64)
    }
  })

  it('is none for the id of one server, and for characters that a query cannot have', () => {
    for (const text of [OWN, '', `${OWN}2123`, `${OWN}0`, `${OWN}0a b`, `x${OWN}0123`])
      expect(splitId(text)).toBeUndefined()
    for (const theirs of ['', 'a&b', 'x'.repeat(44)])
      expect(combineIds({ own: OWN, theirs, isPolled: false })).toBeUndefined()
  })
})

describe('an answer of the upstream', () => {
  it.each([
    ['accept', answer({ value: true }, { serial: 'TOTP1' })],
    ['reject', answer({ value: false }, {})],
    ['reject', answer({ value: 0 })],
    // What accepts and asks at once does not accept.
    ['challenge', answer({ value: true, authentication: 'ACCEPT' }, { multi_challenge: [{}] })],
    ['error', JSON.stringify({ result: { status: false, error: { code: 904, message: '' } }, detail: null })],
  ])('is %s', (kind, text) => {
    expect(readUpstreamAnswer(text)).toMatchObject({ kind })
  })

  it.each(['', 'null', '[]', '{"result": true}', '{"result": {"status": "true"}}', '<html>'])('is none: %s', (text) => {
    expect(readUpstreamAnswer(text)).toBeUndefined()
  })

  it('has the challenges that can be offered; others are left out', () => {
    const challenge = { serial: 'T', type: 'totp', message: 'enter' }
    const listed = [challenge, { ...challenge, serial: 1 }, null, 'x', { ...challenge, message: undefined }]
    expect(readUpstreamAnswer(answer({ value: false }, { multi_challenge: listed }))?.challenges).toEqual([
      { ...challenge, client_mode: 'interactive' },
    ])
  })

  it('is joined with Nod’s under one id, Nod’s last', () => {
    const own = {
      serial: 'P',
      message: 'confirm',
      multi_challenge: [{ serial: 'P', client_mode: 'poll', message: 'confirm' }],
    }
    const offered = [{ serial: 'T', type: 'totp', message: 'enter', client_mode: 'interactive' }]
    expect(joinChallenges(own, offered, 'id', ['poll', 'interactive'])).toEqual({
      serial: 'P',
      message: 'enter, confirm',
      messages: ['enter', 'confirm'],
      transaction_id: 'id',
      transaction_ids: ['id', 'id'],
      multi_challenge: [
        { ...offered[0], transaction_id: 'id' },
        { serial: 'P', client_mode: 'poll', message: 'confirm', transaction_id: 'id' },
      ],
      attributes: { hideResponseInput: false },
      preferred_client_mode: 'poll',
    })
  })
})

describe('the upstream’s prompts', () => {
  const prompt = { nonce: 'N', url: 'u', serial: 'S', question: 'q', title: 't', sslverify: '1', signature: 's' }
  it('are those that the app can read, five at most', () => {
    const text = answer({ value: [prompt, { ...prompt, more: 'x' }, { ...prompt, nonce: 1 }, { nonce: 'N' }, null] })
    expect(readPrompts(text)).toEqual([prompt, prompt])
    expect(readPrompts(answer({ value: Array.from({ length: 9 }, () => prompt) }))).toHaveLength(5)
    for (const other of ['', '{}', answer({ value: true })]) expect(readPrompts(other)).toEqual([])
  })
})

describe('a page of both lists', () => {
  // Every token once, in order, whatever the page size and the numbers of tokens.
  it.each([
    [0, 7, 3],
    [5, 7, 3],
    [6, 7, 3],
    [7, 0, 3],
    [2, 20, 15],
  ])('with %i of Nod’s, %i there and %i on a page goes on where the page before ended', (own, there, pageSize) => {
    const theirs = Array.from({ length: there }, (_, index) => `t${index}`)
    const ours = Array.from({ length: own }, (_, index) => `o${index}`)
    const all: string[] = []
    for (let page = 1; page <= Math.ceil((own + there) / pageSize); page++) {
      const { pages, skipped } = pagesThere({ page, pageSize }, own)
      const found = pages.flatMap((one) => theirs.slice((one - 1) * pageSize, one * pageSize)).slice(skipped)
      const listed = [...ours.slice((page - 1) * pageSize, page * pageSize), ...found].slice(0, pageSize)
      all.push(...listed)
    }
    expect(all).toEqual([...ours, ...theirs])
  })

  it('shows no secret of the upstream’s, and no token without what clients read', () => {
    const info = {
      tokenkind: 'software',
      private_key_server: 'x',
      'private_key_server.type': 'password',
      firebase_token: 'x',
      enrollment_credential: 'x',
    }
    const text = answer({ value: { tokens: [{ serial: 'T', info }, { serial: 1, info }, { serial: 'U' }], count: 3 } })
    expect(readTokenPage(text)).toEqual({ tokens: [{ serial: 'T', info: { tokenkind: 'software' } }], count: 3 })
    for (const other of ['', '{}', answer({ value: [] })]) expect(readTokenPage(other)).toBeUndefined()
  })
})
