import { describe, expect, it } from 'vitest'
import type { Refusal } from '../src/refusal.ts'
import { loginRefusals, internalRefusals } from './refusals/login-refusals.ts'
import { requestRefusals } from './refusals/request-refusals.ts'
import { tokenRefusals } from './refusals/token-refusals.ts'
import type { InternalRefusal, RefusalCase } from './refusals/stage.ts'

/** How each way of saying no is met. A new reason does not compile until somebody shows how. */
const reach: Record<Refusal['reason'], RefusalCase | InternalRefusal> = {
  ...requestRefusals,
  ...tokenRefusals,
  ...loginRefusals,
  ...internalRefusals,
}

const scenes = Object.entries(reach).flatMap(([reason, one]) => ('meet' in one ? [[reason, one] as const] : []))
const inner = Object.entries(reach).flatMap(([reason, one]) => ('inside' in one ? [[reason, one] as const] : []))

describe('a stranger', () => {
  it.each(scenes)('meets %s', async (_, { meet, hears }) => {
    const { status, value, error, detail, body, authentication, headers } = await meet()
    expect(body).toMatchObject({
      jsonrpc: '2.0',
      time: expect.any(Number),
      version: expect.stringMatching(/^Nod [\d.]+$/),
    })
    expect(headers.get('content-type')).toMatch(/^application\/json/)
    expect(headers.get('cache-control')).toBe('no-cache')
    if ('authentication' in hears) {
      expect({ status, value, authentication, error, message: detail.message }).toEqual({
        status: 200,
        value: false,
        authentication: hears.authentication,
        error: undefined,
        message: hears.message,
      })
      expect(detail).not.toHaveProperty('transaction_id')
      expect(detail).not.toHaveProperty('multi_challenge')
      return
    }
    expect({ status, value, code: error?.code }).toEqual({ status: hears.status, value: undefined, code: hears.code })
    if (hears.message.endsWith('[')) expect(error?.message.startsWith(hears.message.replace("'[", "'"))).toBe(true)
    else expect(error?.message).toBe(hears.message)
    for (const [name, text] of Object.entries(hears.headers ?? {})) expect(headers.get(name)).toBe(text)
  })
})

describe('nobody outside', () => {
  it.each(inner)('meets %s, which rooms say to one another', async (reason, { inside }) => {
    expect(await inside()).toBe(reason)
  })
})
