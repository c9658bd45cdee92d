import { expect, it, vi } from 'vitest'
import { eventPush } from '../../src/delivery/event-push.ts'
import { instant } from '../../src/vocabulary.ts'

const url = 'https://events.example.com/nod'
const pushing = (answer: () => Promise<Response>, faultOf: () => string | undefined = () => undefined) => {
  const fetch = vi.fn<typeof globalThis.fetch>(answer)
  const push = eventPush({ fetch, now: () => instant(0), faultOf })
  return { fetch, send: () => push.send(url, 'a.b.c', false) }
}

it('posts the token, and takes only 202 for success', async () => {
  const { fetch, send } = pushing(async () => new Response(null, { status: 202 }))
  expect(await send()).toEqual({ kind: 'accepted' })
  const headers = { 'Content-Type': 'application/secevent+jwt', Accept: 'application/json' }
  expect(fetch.mock.calls).toMatchObject([[url, { method: 'POST', body: 'a.b.c', redirect: 'manual', headers }]])
  for (const status of [200, 201, 204, 301, 302, 307, 401, 404, 500])
    expect(
      await pushing(async () => new Response(null, { status, headers: { Location: 'http://10.0.0.1/' } })).send(),
    ).toEqual({
      kind: 'failed',
      status,
      why: `HTTP ${status} where 202 is expected`,
    })
})

it('posts nothing to an address that is no longer allowed', async () => {
  const { fetch, send } = pushing(
    async () => new Response(null, { status: 202 }),
    () => 'expected https',
  )
  expect(await send()).toEqual({ kind: 'failed', why: 'the address expected https' })
  expect(fetch).not.toHaveBeenCalled()
})

it('takes from an answer an error code of the standard, and nothing else', async () => {
  const answering = (body: string, headers = {}) =>
    pushing(async () => new Response(body, { status: 400, headers })).send()
  expect(await answering('{"err":"invalid_key","description":"secret"}')).toEqual({
    kind: 'failed',
    status: 400,
    error: 'invalid_key',
    why: 'HTTP 400 where 202 is expected: invalid_key',
  })
  for (const body of ['{"err":"secret"}', '{"err":{"a":1}}', '"invalid_key"', 'null', '[]', '<html>', ''])
    expect(await answering(body), body).toEqual({ kind: 'failed', status: 400, why: 'HTTP 400 where 202 is expected' })
  expect(await answering('', { 'Retry-After': '120' })).toMatchObject({ retryAfter: 120 })
})

it('reads the beginning of an answer that does not end', async () => {
  let read = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      read += 1024
      controller.enqueue(new Uint8Array(1024))
    },
  })
  expect(await pushing(async () => new Response(endless, { status: 400 })).send()).toMatchObject({ status: 400 })
  expect(read).toBeLessThan(10_000)
})

it('waits five seconds at most, also for an answer that has begun', async () => {
  vi.useFakeTimers()
  const silent = new ReadableStream<Uint8Array>({})
  const results = [
    pushing(() => new Promise(() => undefined)).send(),
    pushing(async () => new Response(silent, { status: 400 })).send(),
    pushing(() => Promise.reject(new Error('refused by 10.0.0.7:5432'))).send(),
  ]
  await vi.advanceTimersByTimeAsync(5000)
  vi.useRealTimers()
  expect(await Promise.all(results)).toEqual([
    { kind: 'failed', why: 'no answer in 5 seconds' },
    { kind: 'failed', why: 'no answer in 5 seconds' },
    { kind: 'failed', why: 'no connection' },
  ])
})
