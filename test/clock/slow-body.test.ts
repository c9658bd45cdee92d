import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { limitBody } from '../../src/http/body-limit.ts'
import type { HttpEnv } from '../../src/http/context.ts'
import { readParameters } from '../../src/http/parameters.ts'
import { sendRefusal } from '../../src/http/send.ts'
import { Router } from '../../src/http/router.ts'
import { instant } from '../../src/vocabulary.ts'

const ADDRESS = 'https://nod.example/check'
const MOST = 64
const PATIENCE_MS = 30_000

/** Reads what it is sent, and says it. */
function room(): Router {
  const app = new Router()
  app.use((c, next) => {
    c.set('ports', { now: () => instant(0) } as HttpEnv['Variables']['ports'])
    c.set('url', new URL(c.req.url))
    c.set('source', { address: '192.0.2.7', userAgent: 'curl/8', region: 'weur' } as HttpEnv['Variables']['source'])
    return next()
  })
  app.use(limitBody(MOST))
  app.post('/check', async (c) => {
    const read = await readParameters(c)
    return read.ok ? c.json(read.value) : sendRefusal(c, read.refusal)
  })
  return app
}

/** A body that comes in these pieces, and then no further. */
const endless = (pieces: readonly string[], cancel = vi.fn<() => void>()) =>
  new ReadableStream<Uint8Array>({
    start: (controller) => pieces.forEach((piece) => controller.enqueue(new TextEncoder().encode(piece))),
    cancel,
  })

const post = (body: ReadableStream, headers: Readonly<Record<string, string>> = {}) =>
  Promise.resolve(room().fetch(new Request(ADDRESS, { method: 'POST', body, headers })))

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

describe('a body that never ends', () => {
  it.each([
    ['in chunks', FORM],
    ['of a known length', { ...FORM, 'Content-Length': '50' }],
    ['in parts', { 'Content-Type': 'multipart/form-data; boundary=X', 'Content-Length': '50' }],
  ])('%s, is waited for half a minute', async (_, headers) => {
    const answer = post(endless(['u']), headers)
    const heard = vi.fn<() => void>()
    void answer.then(heard)
    await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1)
    expect(heard).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    const response = await answer
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ result: { error: { message: 'ERR905: The body cannot be read.' } } })
  })

  it('and is too large by then is refused at once', async () => {
    const cancel = vi.fn<() => void>()
    const response = await post(endless(['pass=', 'x'.repeat(MOST)], cancel), FORM)
    expect(response.status).toBe(413)
    expect(cancel).toHaveBeenCalledOnce()
  })
})

it('a complete body is read as it was sent, and no timer is left', async () => {
  const response = await post(new Blob(['user=ada&pass=%C3%A4']).stream(), FORM)
  expect(await response.json()).toEqual({ user: 'ada', pass: 'ä' })
  expect(vi.getTimerCount()).toBe(0)
})
