import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import type { Driver } from '../driver/driver.ts'
import { only, waitUntil } from '../driver/waiting.ts'
import { openNod } from './scene.ts'

let nod: Driver
beforeAll(async () => {
  nod = await openNod('doctor')
})
afterAll(() => nod.close())

async function examine(headers: Readonly<Record<string, string>> = {}) {
  const reply = await nod.service.call('GET', '/doctor', { headers })
  expect(reply.status).toBe(200)
  const { checks, state } = fields(reply.value)
  if (!Array.isArray(checks)) throw new Error('no checks')
  return { state, checks: new Map(checks.map((check) => [String(fields(check)['id']), fields(check)])) }
}

describe('the doctor', () => {
  it('says of each thing whether it is in order, and what comes next where it is not', async () => {
    const { checks } = await examine()
    // On a busy machine D1 is slow.
    expect(checks.get('database')?.['text']).toMatch(/^D1 (?:answers|takes) .*\.$/)
    for (const id of ['migrations', 'clock', 'public_url', 'catalogue', 'policies'])
      expect(checks.get(id), id).toMatchObject({ state: 'ok', text: expect.stringMatching(/^[A-Z].*\.$/) })
    const ofFirebase = [...checks].filter(([id]) => id.startsWith('firebase:'))
    expect(ofFirebase.map(([, { state }]) => state)).toContain('ok')
    expect(checks.get('errors')?.['text']).toMatch(/^(?:No instance has|All instances together have) reported/)
    // The stories sign in by password.
    expect(checks.get('administrators')).toMatchObject({ state: 'warn', next: 'POST /auth/phone' })
    for (const [id, check] of checks) {
      expect(check['text'], id).not.toContain('could not be checked')
      expect(check['text'], id).not.toMatch(/[{}]/)
      if (check['state'] !== 'ok') expect(check['next'], id).toEqual(expect.any(String))
    }
  })

  it('speaks German', async () => {
    const { checks } = await examine({ 'Accept-Language': 'de' })
    expect(checks.get('migrations')?.['text']).toBe('Die Datenbank hat alle Migrationen.')
  })

  it('agrees with the deep health check', async () => {
    const { checks } = await examine()
    const health = await nod.service.call('GET', '/healthz', { query: { deep: '1' } })
    const { checks: same } = fields(health.body)
    if (!Array.isArray(same)) throw new Error('no checks')
    for (const one of same) {
      const { name, ok } = fields(one)
      // How long D1 takes is another time each time.
      if (name === 'database') continue
      expect(checks.get(String(name))?.['state'] === 'ok', String(name)).toBe(ok)
    }
  })
})

describe('the deep health check', () => {
  const health = async (caller = nod.service) => caller.call('GET', '/healthz', { query: { deep: '1' } })
  const checksOf = async () => {
    const { checks } = fields((await health()).body)
    if (!Array.isArray(checks)) throw new Error('no checks')
    return new Map(checks.map((check) => [String(fields(check)['name']), fields(check)]))
  }

  it('reads and writes D1, asks an object and the archive, signs, and asks Google', async () => {
    const checks = await checksOf()
    const names = ['migrations', 'database', 'objects', 'signing_keys', 'archive', 'keys']
    for (const name of names) expect(checks.get(name), name).toMatchObject({ ok: true })
    const ofFirebase = [...checks].flatMap(([name, { ok }]) => (name.startsWith('firebase:') ? [ok] : []))
    expect(ofFirebase).toContain(true)
    expect(checks.get('database')?.['info']).toMatch(/read in \d+ ms.*written in \d+ ms/)
  })

  it('names policies that contradict each other', async () => {
    const contradiction = 'health-2 sets push_wait to 20, and health-3 to 30'
    expect(String((await checksOf()).get('policy_conflicts')?.['info'])).not.toContain(contradiction)
    for (const wait of [20, 30])
      await nod.service.setPolicy(
        `health-${wait / 10}`,
        'authentication',
        { push_wait: String(wait) },
        { realm: nod.realm, priority: '9' },
      )
    expect((await checksOf()).get('policy_conflicts')).toMatchObject({
      ok: false,
      info: expect.stringContaining(contradiction),
    })
    for (const name of ['health-2', 'health-3']) await nod.service.deletePolicy(name)
  })

  it('is for administrators', async () => {
    expect(await health(nod.caller())).toMatchObject({ status: 401 })
    const key = await nod.caller({ authorization: await nod.serviceKey('health') }).call('GET', '/healthz', {
      query: { deep: '1' },
    })
    expect([401, 403]).toContain(key.status)
    expect(JSON.stringify(key.body)).not.toContain('database')
  })
})

describe('a test push', () => {
  it('rings the phone like a login, is followed leg by leg, and lets nobody in', async () => {
    const { phone, serial, owner } = await nod.enroll('tested')
    const reply = await nod.service.call('POST', '/doctor/push', { form: { serial } })
    expect(reply.status).toBe(200)
    const { transaction_id: id, phones } = fields(reply.value)
    expect(phones).toMatchObject([{ serial, mode: expect.any(String) }])
    await phone.accept(only(await phone.poll()))
    const steps = async () => {
      const timeline = await nod.service.call('GET', `/transaction/${String(id)}`)
      return JSON.stringify(timeline.value)
    }
    expect(await waitUntil(async () => (await steps()).includes('accepted'))).toBe(true)
    // Neither by serial nor by user, with or without a key.
    for (const who of [{ serial }, owner])
      expect(await nod.service.check({ ...who, pass: '', transaction_id: String(id) })).not.toMatchObject({
        authentication: 'ACCEPT',
      })
    expect(JSON.stringify(await steps())).not.toContain('finalized')
  })

  it('is refused for a token that does not exist, and without one for a caller that has no phone', async () => {
    expect(await nod.service.call('POST', '/doctor/push', { form: { serial: 'NOSUCH' } })).toMatchObject({
      error: { code: 601 },
    })
    expect(await nod.service.call('POST', '/doctor/push')).toMatchObject({ status: 400, error: { code: 905 } })
  })
})
