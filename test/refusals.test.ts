import { describe, expect, it } from 'vitest'
import type { Refusal } from '../src/refusal.ts'
import { loginRefusals, internalRefusals } from './refusals/login-refusals.ts'
import { requestRefusals } from './refusals/request-refusals.ts'
import { tokenRefusals } from './refusals/token-refusals.ts'
import type { InternalRefusal, RefusalCase } from './refusals/stage.ts'

/** How to provoke each refusal. A new reason does not compile until it has an entry. */
const cases: Record<Refusal['reason'], RefusalCase | InternalRefusal> = {
  ...requestRefusals,
  ...tokenRefusals,
  ...loginRefusals,
  ...internalRefusals,
}

const outward = Object.entries(cases).flatMap(([reason, one]) => ('provoke' in one ? [[reason, one] as const] : []))
const inward = Object.entries(cases).flatMap(([reason, one]) => ('reason' in one ? [[reason, one] as const] : []))

describe('a caller', () => {
  it.each(outward)('is refused with %s', async (_, { provoke, reply }) => {
    const { status, value, error, detail, body, authentication, headers } = await provoke()
    expect(body).toMatchObject({
      jsonrpc: '2.0',
      time: expect.any(Number),
      version: expect.stringMatching(/^Nod [\d.]+$/),
    })
    expect(headers.get('content-type')).toMatch(/^application\/json/)
    expect(headers.get('cache-control')).toMatch(/^no-(?:cache|store)$/)
    if ('authentication' in reply) {
      expect({ status, value, authentication, error, message: detail.message }).toEqual({
        status: 200,
        value: false,
        authentication: reply.authentication,
        error: undefined,
        message: reply.message,
      })
      expect(detail).not.toHaveProperty('transaction_id')
      expect(detail).not.toHaveProperty('multi_challenge')
      return
    }
    expect({ status, value, code: error?.code }).toEqual({ status: reply.status, value: undefined, code: reply.code })
    if (reply.message.endsWith('[')) expect(error?.message.startsWith(reply.message.replace("'[", "'"))).toBe(true)
    else expect(error?.message).toBe(reply.message)
    for (const [name, text] of Object.entries(reply.headers ?? {})) expect(headers.get(name)).toBe(text)
  })
})

describe('a refusal inside of Nod', () => {
  it.each(inward)('is %s', async (expected, { reason }) => {
    expect(await reason()).toBe(expected)
  })
})
