/** The journal's daily sweep, and what it does for the objects of phones that a restore has taken away. */
import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { addSeconds, seconds } from '../../src/vocabulary.ts'
import type { Swept } from '../../src/vocabulary/housekeeping.ts'
import { enroll, FAR, housekeeping, journalStub, ports, ringOf, stubOf, valueOf } from './world.ts'

const DAY = 86_400

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: FAR })
})
afterEach(() => {
  vi.useRealTimers()
})

const swept = async (): Promise<Swept | undefined> => valueOf(await ports.journal.roundState()).swept
/** A session that has ended, for the sweep to delete. */
const endedSession = (id: string) =>
  env.DB.prepare('INSERT INTO void_sessions (id, valid_until) VALUES (?, 1)').bind(id).run()
const sessions = async () => (await env.DB.prepare('SELECT id FROM void_sessions').all()).results.length

/** The rounds, until all are done. */
async function allRounds(): Promise<void> {
  const isLeft = () =>
    runInDurableObject(journalStub(), (_, { storage }) => storage.kv.get('rounds:left') !== undefined)
  do await housekeeping()
  while (await isLeft())
}

it('obsolete rows are deleted once a day, and the doctor says how many', async () => {
  await ports.journal.keepRound()
  await endedSession('first')
  await allRounds()
  expect(await sessions()).toBe(0)
  expect(await swept()).toEqual({ at: FAR, deleted: { void_sessions: 1 } })

  await endedSession('second')
  vi.setSystemTime(addSeconds(FAR, seconds(3700)))
  await allRounds()
  expect(await sessions()).toBe(1)
  vi.setSystemTime(addSeconds(FAR, seconds(DAY)))
  await allRounds()
  expect(await sessions()).toBe(0)
})

it('the object of a phone whose token a restore took away is emptied a day after', async () => {
  const before = await env.DB.prepare('SELECT revision, settings_revision FROM deployment').first<
    Record<string, number>
  >()
  const lost = await enroll('PIPULOST1', { pin: '1234' })
  const kept = await enroll('PIPUKEPT1', { pin: '1234' })
  const storedIn = (serial: string) => runInDurableObject(stubOf(serial), (_, { storage }) => storage.kv.get('phone'))
  for (const { serial } of [lost, kept]) {
    valueOf(await ports.phones.of(serial).ring(await ringOf(serial, '1234')))
    expect(await storedIn(serial)).toBeDefined()
  }
  await env.DB.batch([
    env.DB.prepare('DELETE FROM tokens WHERE serial = ?').bind(lost.serial),
    env.DB.prepare('UPDATE deployment SET revision = ?, settings_revision = ?').bind(
      before?.['revision'],
      before?.['settings_revision'],
    ),
  ])
  await allRounds()
  expect(valueOf(await ports.journal.restores({})).restores).toHaveLength(1)
  // For a day an administrator may put D1 back once more, to the state with this token.
  vi.setSystemTime(addSeconds(FAR, seconds(0.9 * DAY)))
  await allRounds()
  expect(await storedIn(lost.serial)).toBeDefined()

  vi.setSystemTime(addSeconds(FAR, seconds(1.1 * DAY)))
  await allRounds()
  expect(await storedIn(lost.serial)).toBeUndefined()
  expect(await storedIn(kept.serial)).toBeDefined()
})
