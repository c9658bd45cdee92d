import { expect, it } from 'vitest'
import { checkWebhooks } from '../../../src/operations/administration/webhook-health.ts'
import type { ReceiverState } from '../../../src/ports/journal-object.ts'
import type { Ports } from '../../../src/ports/ports.ts'
import { done, refuse } from '../../../src/refusal.ts'
import { addSeconds, type Instant, instant, seconds } from '../../../src/vocabulary.ts'

const NOW = instant(Date.UTC(2026, 10, 29))
const days = (count: number): Instant => addSeconds(NOW, seconds(count * 86_400))

/** What the check says of one webhook, `siem`, whose receiver does so. */
const check = (receiver: Partial<ReceiverState>, lost?: { readonly count: number; readonly at: Instant }) =>
  checkWebhooks({
    now: () => NOW,
    webhooks: { list: async () => done([{ id: '1', name: 'siem' }]) },
    journal: {
      eventOutbox: async () =>
        done({ receivers: [{ webhook: '1', waiting: 0, failures: 0, givenUp: 0, dropped: 0, ...receiver }], lost }),
    },
  } as unknown as Ports)

it('is well while receivers get their events, and while one has just failed', async () => {
  expect(await check({ waiting: 2 })).toEqual({ isWell: true, info: '1 webhooks, 2 events wait' })
  expect(await check({ failures: 2, why: 'no connection' })).toMatchObject({ isWell: true })
})

it('names a receiver that fails, and says why', async () => {
  expect(await check({ failures: 3, waiting: 4, why: 'no connection' })).toEqual({
    isWell: false,
    info: 'webhook siem: 3 failures in a row, 4 events wait: no connection',
  })
})

it('says for a week what was given up, dropped or lost', async () => {
  expect(await check({ givenUp: 2, givenUpAt: days(-6) })).toMatchObject({
    isWell: false,
    info: 'webhook siem: 2 events were given up after 72 hours',
  })
  expect(await check({ dropped: 9, droppedAt: days(-6) })).toMatchObject({ isWell: false })
  expect(await check({}, { count: 3, at: days(-6) })).toMatchObject({ isWell: false })
  expect(await check({ givenUp: 2, givenUpAt: days(-8), dropped: 9, droppedAt: days(-8) })).toMatchObject({
    isWell: true,
  })
})

it('is not well when the journal does not answer', async () => {
  const down = async () => refuse({ reason: 'storage_unavailable', retryAfter: seconds(1) })
  const ports = { webhooks: { list: async () => done([]) }, journal: { eventOutbox: down } } as unknown as Ports
  expect(await checkWebhooks(ports)).toMatchObject({ isWell: false })
})
