import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EnrolledUser } from '../../driver/driver.ts'
import { RotationWorld } from './world.ts'

// Values that are sealed with a key that is not configured: what a database restored by hand, or a bug, may leave.

let world: RotationWorld
let ada: EnrolledUser

beforeAll(async () => {
  world = await RotationWorld.open(Buffer.alloc(32, 1).toString('base64'))
  ada = await world.enroll('ada', { pin: '1234' })
  await world.policy('webui', { login_mode: 'privacyIDEA' }, { realm: [world.realm] })
  await world.service.call('POST', '/administrator', {
    form: { login: 'hedy', password: 'a long password', role: 'helpdesk' },
  })
})
afterAll(() => world?.close())

/** Runs `work` while the only value of a column does not open, and puts it back. */
async function whileUnreadable(table: string, column: string, work: () => Promise<void>): Promise<void> {
  const [{ value = '' } = {}] = await world.sql(`SELECT ${column} AS value FROM ${table} WHERE ${column} IS NOT NULL`)
  await world.sql(`UPDATE ${table} SET ${column} = '2.0123456789ab.${'A'.repeat(60)}' WHERE ${column} IS NOT NULL`)
  await changeToken()
  try {
    await work()
  } finally {
    await world.sql(`UPDATE ${table} SET ${column} = '${String(value)}' WHERE ${column} IS NOT NULL`)
    await changeToken()
  }
}

/** A change of the token makes its Phone read the row: until then it has a copy of its own, which opens. */
const changeToken = () =>
  world.service.call('POST', '/token/description', { form: { serial: ada.serial, description: 'changed' } })

const TRIES = 8

describe('a secret that cannot be opened', () => {
  it('is no wrong PIN: logins are refused as unavailable, and the token is not locked', async () => {
    await whileUnreadable('tokens', 'pin', async () => {
      for (let tries = 0; tries < TRIES; tries += 1) {
        const { status, error } = await world.service.check({ ...ada.owner, pass: '1234' })
        expect({ status, code: error?.code }).toEqual({ status: 503, code: 903 })
      }
    })
    expect(await world.failures(ada.serial)).toBe(0)
    expect((await world.service.check({ ...ada.owner, pass: '1234' })).authentication).toBe('CHALLENGE')
  })

  it('is no wrong PIN of a user who signs in: nobody has to wait afterwards', async () => {
    const form = { username: 'ada', realm: world.realm, password: '1234' }
    await whileUnreadable('tokens', 'pin', async () => {
      for (let tries = 0; tries < TRIES; tries += 1)
        expect((await world.service.call('POST', '/auth', { form })).status).toBe(503)
    })
    const { status, authentication } = await world.service.call('POST', '/auth', { form })
    expect({ status, authentication }).toEqual({ status: 200, authentication: 'CHALLENGE' })
  })

  it('is no wrong password of an administrator', async () => {
    const form = { username: 'hedy', password: 'a long password' }
    await whileUnreadable('administrators', 'password', async () => {
      for (let tries = 0; tries < TRIES; tries += 1)
        expect((await world.service.call('POST', '/auth', { form })).status).toBe(503)
    })
    expect((await world.service.call('POST', '/auth', { form })).status).toBe(200)
  })
})
