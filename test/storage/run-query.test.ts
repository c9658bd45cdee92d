import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { done, type Outcome, refuse } from '../../src/refusal.ts'
import { queryRunner } from '../../src/storage/run-query.ts'
import { singleFlight } from '../../src/storage/single-flight.ts'
import { seconds } from '../../src/vocabulary.ts'

const log = vi.fn<(event: string, fields: Readonly<Record<string, unknown>>) => void>()
const refused = { ok: false, refusal: { reason: 'storage_unavailable', retryAfter: 2 } }
const never = () => new Promise<never>(() => undefined)

afterEach(() => {
  vi.useRealTimers()
  log.mockReset()
})

describe('a query to D1', () => {
  it('is refused after two seconds, and leaves no timer behind', async () => {
    vi.useFakeTimers()
    const outcome = queryRunner(env.DB, log)('slow', never)
    await vi.advanceTimersByTimeAsync(1999)
    expect(log).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(await outcome).toEqual(refused)
    expect(log).toHaveBeenCalledWith('storage_late', { question: 'slow', limit: 2 })
    expect(await queryRunner(env.DB, log)('quick', async () => 7)).toEqual({ ok: true, value: 7 })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('tells only the log what the driver said', async () => {
    const outcome = await queryRunner(env.DB, log)('broken', (db) => db.prepare('SELECT a FROM nowhere').run())
    expect(outcome).toEqual({
      ok: false,
      refusal: { reason: 'storage_unavailable', retryAfter: 60, cause: 'outdated' },
    })
    expect(log).toHaveBeenCalledWith('storage_failed', {
      question: 'broken',
      why: expect.stringContaining('no such table: nowhere') as string,
    })
  })

  it.each([
    ['D1_ERROR: Exceeded maximum DB size', 'full'],
    ['D1_ERROR: database or disk is full: SQLITE_FULL', 'full'],
    ['D1_ERROR: no such column: epoch at offset 7: SQLITE_ERROR', 'outdated'],
    ['D1_ERROR: table audit has no column named link: SQLITE_ERROR', 'outdated'],
    ['D1_ERROR: Network connection lost.', undefined],
    ['D1_ERROR: UNIQUE constraint failed: tokens.serial: SQLITE_CONSTRAINT', undefined],
  ])('that fails with %j is refused for the cause %s', async (message, cause) => {
    const outcome = await queryRunner(env.DB, log)('failing', () => Promise.reject(new Error(message)))
    const retryAfter = cause === undefined ? 2 : 60
    expect(outcome).toEqual({ ok: false, refusal: { reason: 'storage_unavailable', retryAfter, cause } })
  })

  it('is refused when its statement cannot be prepared', async () => {
    const outcome = await queryRunner(env.DB, log)('unbindable', (db) => db.prepare('SELECT ?').bind(undefined).run())
    expect(outcome).toEqual(refused)
  })
})

describe('shared work', () => {
  it('is done again by a waiting request when the request that started it is gone', async () => {
    vi.useFakeTimers()
    const second = Promise.withResolvers<Outcome<string>>()
    const work = vi.fn<() => Promise<Outcome<string>>>()
    work.mockImplementationOnce(never).mockReturnValueOnce(second.promise)
    const flight = singleFlight(work, seconds(1))
    void flight.join()
    const waiting = [flight.join(), flight.join(), flight.join()]
    await vi.advanceTimersByTimeAsync(1000)
    second.resolve(done('again'))
    expect(await Promise.all(waiting)).toEqual([done('again'), done('again'), done('again')])
    expect(work).toHaveBeenCalledTimes(2)
  })

  it('is not cached, neither its result nor its failure', async () => {
    const work = vi.fn<() => Promise<Outcome<number>>>()
    work.mockResolvedValueOnce(refuse({ reason: 'stale' })).mockResolvedValueOnce(done(2))
    const flight = singleFlight(work)
    expect(await flight.join()).toEqual({ ok: false, refusal: { reason: 'stale' } })
    expect(await flight.join()).toEqual(done(2))
  })
})
