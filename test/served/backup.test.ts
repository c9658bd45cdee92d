import { cpSync, readdirSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EnrolledUser } from '../driver/driver.ts'
import { databaseFile } from '../../scripts/nod/backup/local.ts'
import { newKey, OwnNod } from './own-nod.ts'

// One story: what is lost at its end is what the next test restores.

let own: OwnNod
let ada: EnrolledUser
let bob: EnrolledUser
const key = newKey()

beforeAll(async () => {
  own = await OwnNod.start({ MASTER_KEY: key })
  ada = await own.driver.enroll('ada', { pin: '1234' })
  bob = await own.driver.enroll('bob', { pin: '9999' })
})
afterAll(() => own.remove())

const manifestOf = (backup: string) =>
  JSON.parse(readFileSync(join(own.path(backup), 'manifest.json'), 'utf8')) as {
    rows: Record<string, number>
    revision: number
    epoch: number
    source: string
  }

describe('a backup on this machine', () => {
  it('is one moment of a Nod that goes on serving', async () => {
    const done = new AbortController()
    let refused = 0
    const writing = Array.from({ length: 3 }, async (_, writer) => {
      for (let n = 0; !done.signal.aborted; n++) {
        const reply = await own.driver.service.call('POST', '/token/init', {
          form: { type: 'push', genkey: '1', user: `u${writer}-${n}`, realm: 'own' },
        })
        if (reply.value !== true) refused++
      }
    })
    for (const name of ['busy-1', 'busy-2']) {
      expect(await own.run(['backup', '--out', own.path(name)])).toMatchObject({ code: 0, stderr: '' })
    }
    done.abort()
    await Promise.all(writing)
    expect(refused).toBe(0)
    // In one batch with each change: its audit entry, the revision, and the counts of the list.
    for (const name of ['busy-1', 'busy-2']) {
      const restored = own.path(`${name}-state`)
      expect(await own.run(['restore', own.path(name), '--state', restored])).toMatchObject({ code: 0 })
      const db = new DatabaseSync(databaseFile(restored))
      const { tokens, listed, revision, entry } =
        db
          .prepare(
            `SELECT (SELECT count(*) FROM tokens) AS tokens,
               (SELECT sum(count) FROM token_tallies WHERE realm = '' AND level = 1) AS listed,
               (SELECT revision FROM deployment) AS revision,
               (SELECT max(sequence) FROM audit WHERE shard = 'catalogue') AS entry`,
          )
          .get() ?? {}
      db.close()
      expect(tokens).toBe(manifestOf(name).rows['tokens'])
      expect(listed).toBe(tokens)
      expect(revision).toBe(entry)
    }
    expect(manifestOf('busy-2').rows['tokens']).toBeGreaterThan(manifestOf('busy-1').rows['tokens'] ?? 0)
  })

  it('is refused where a backup is already, and where there is no Nod', async () => {
    expect(await own.run(['backup', '--out', own.path('busy-1')])).toMatchObject({
      code: 1,
      stderr: `${own.path('busy-1')} is a backup already\n`,
    })
    expect(await own.run(['backup', '--state', own.path('nothing')])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('it is the state folder of no Nod'),
    })
    expect(await own.run(['backup', '--state', 'x', '--remote'])).toMatchObject({ code: 2 })
    expect(await own.run(['restore', own.path('busy-1'), '--config', 'x'])).toMatchObject({ code: 2 })
  })
})

describe('a restore on this machine', () => {
  beforeAll(async () => {
    await own.driver.service.check({ user: 'mallory', pass: '1' })
    expect(await own.run(['backup', '--out', own.path('good')])).toMatchObject({
      code: 0,
      stdout: expect.not.stringContaining('may be missing'),
    })
  })

  it('is refused while a Nod serves from the folder', async () => {
    expect(await own.run(['restore', own.path('good'), '--replace'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('in use by another Nod'),
    })
  })

  it('into an empty folder lets users log in with what they had, by the same master key', async () => {
    await own.stop()
    own.state = own.path('empty')
    const { code, stdout } = await own.run(['restore', own.path('good')])
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('Restored to ') })
    await own.start()
    expect(await own.logIn(ada, '1234')).toBe('ACCEPT')
    expect(await own.driver.service.check({ ...bob.owner, pass: '1234' })).toMatchObject({ authentication: 'REJECT' })
    expect(await own.logIn(bob, '9999')).toBe('ACCEPT')
    // Until the backup asked for it, a shard had this record.
    expect(await own.query(`SELECT count(*) AS n FROM audit WHERE login = 'mallory'`)).toEqual([{ n: 1 }])
  })

  it('is refused where users and tokens are, unless they are to be replaced', async () => {
    await own.stop()
    const refused = await own.run(['restore', own.path('good')])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(
      /^\S+ is not empty: \d+ rows in tokens, \d+ rows in users, .*--replace puts the backup/,
    )
  })

  it('of a damaged backup changes nothing', async () => {
    const database = () => readFileSync(databaseFile(own.state))
    const before = database()
    cpSync(own.path('good'), own.path('damaged'), { recursive: true })
    truncateSync(join(own.path('damaged'), 'tokens-0001.ndjson.gz'), 100)
    expect(await own.run(['restore', own.path('damaged'), '--replace'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^tokens-0001\.ndjson\.gz was cut off: it has 100 of \d+ bytes\n$/),
    })
    expect(database().equals(before)).toBe(true)
    await own.start()
  })

  it('replaces what was there, and keeps it as a backup of its own', async () => {
    const eve = await own.driver.enroll('eve', { pin: '7777' })
    for (const otppin of ['5678', '6789'])
      await own.driver.service.call('POST', '/token/setpin', { form: { serial: ada.serial, otppin } })
    expect(await own.logIn(ada, '6789')).toBe('ACCEPT')
    await own.stop()
    expect(await own.run(['restore', own.path('good'), '--replace'])).toMatchObject({ code: 0 })
    await own.start()
    expect(await own.logIn(ada, '1234')).toBe('ACCEPT')
    expect(await own.driver.token(eve.serial)).toEqual({})

    const kept = readdirSync(join(own.state, 'replaced'))
    expect(kept).toHaveLength(1)
    await own.stop()
    const back = await own.run(['restore', join(own.state, 'replaced', kept[0] ?? ''), '--replace'])
    expect(back).toMatchObject({ code: 0 })
    await own.start()
    expect(await own.logIn(eve, '7777')).toBe('ACCEPT')
  })

  it('goes into a deployment whose master key is a new one, with the old one beside it', async () => {
    await own.stop()
    own.state = own.path('rotated')
    expect(await own.run(['restore', own.path('good')])).toMatchObject({ code: 0 })
    await own.start({ MASTER_KEY: newKey(), MASTER_KEY_PREVIOUS: key })
    expect(await own.logIn(ada, '1234')).toBe('ACCEPT')
  })
})
