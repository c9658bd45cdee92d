import { expect, it, vi } from 'vitest'
import { headWebhook } from '../../src/delivery/head-webhook.ts'

const url = 'https://log.example.com/nod?token=x'
const answering = (answer: () => Promise<Response>) => {
  const fetch = vi.fn<typeof globalThis.fetch>(answer)
  return { fetch, webhook: headWebhook({ url, fetch }) }
}

it('posts a signed head to the address of the operator, and nowhere else', async () => {
  const { fetch, webhook } = answering(async () => new Response('thanks', { status: 202 }))
  expect(await webhook.send('a.b.c')).toBeUndefined()
  expect(fetch).toHaveBeenCalledTimes(1)
  expect(fetch.mock.calls[0]).toMatchObject([
    url,
    { method: 'POST', body: 'a.b.c', redirect: 'manual', headers: { 'Content-Type': 'application/jose' } },
  ])
})

it.each([
  ['an error', async () => new Response('', { status: 500 }), 'HTTP 500'],
  [
    'a redirect',
    async () => new Response(null, { status: 302, headers: { Location: 'http://10.0.0.1/' } }),
    'HTTP 302',
  ],
  ['no connection', () => Promise.reject(new Error('Network connection lost.')), 'Error: Network connection lost.'],
])('says why a head did not arrive: %s', async (_, answer, why) => {
  expect(await answering(answer).webhook.send('a.b.c')).toBe(why)
})

it('waits ten seconds at most', async () => {
  vi.useFakeTimers()
  const { webhook } = answering(() => new Promise(() => undefined))
  const sent = webhook.send('a.b.c')
  await vi.advanceTimersByTimeAsync(10_000)
  vi.useRealTimers()
  expect(await sent).toBe('no answer in 10 s')
})
