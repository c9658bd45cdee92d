/** A deployment in a jurisdiction. The local runtime has none, so namespaces that only say so stand in for the platform's. */
import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, it } from 'vitest'
import { disconnect } from '../../src/connect.ts'
import worker from '../../src/index.ts'
import { jurisdictionFault } from '../../src/rules/deployment/jurisdiction.ts'
import { jurisdictionCheck } from '../../src/storage/jurisdiction.ts'
import type { Jurisdiction } from '../../src/vocabulary/jurisdictions.ts'
import type { Serial } from '../../src/vocabulary.ts'
import { Driver } from '../driver/driver.ts'
import { ports, valueOf } from './world.ts'

const NAMES = ['TRANSACTIONS', 'PHONE', 'COUNTER', 'JOURNAL'] as const

/** The environment of a deployment in a jurisdiction: its namespaces have objects inside of it only. */
function inJurisdiction(jurisdiction: Jurisdiction) {
  const called = new Set<string>()
  const outside = (name: (typeof NAMES)[number]) => ({
    jurisdiction: (asked: string) => ({
      idFromName: (object: string) => env[name].idFromName(object),
      get: (...found: Parameters<(typeof env)['PHONE']['get']>) => {
        called.add(`${asked} ${name}`)
        return env[name].get(...found)
      },
    }),
  })
  const namespaces = Object.fromEntries(NAMES.map((name) => [name, outside(name)]))
  return { called, env: { ...env, ...namespaces, JURISDICTION: jurisdiction } as unknown as Env }
}

const stored = () => env.DB.prepare('SELECT jurisdiction FROM deployment').first('jurisdiction')
const store = (jurisdiction: string | null) =>
  env.DB.prepare('UPDATE deployment SET jurisdiction = ?').bind(jurisdiction).run()

// Other files share this database.
afterEach(async () => {
  await store('none')
  disconnect()
})

const driverOf = (deployed: Env, continent: string) =>
  new Driver(
    {
      url: 'https://nod.example',
      fetch: async (request) =>
        worker.fetch(new Request(request, { cf: { continent } }), deployed, createExecutionContext()),
    },
    { polled: 'jurisdiction', prefix: `jurisdiction-${continent.toLowerCase()}` },
  )

it('a login in a jurisdiction calls no object outside of it, and its shard lies inside, wherever its service is', async () => {
  await store(null)
  const { called, env: deployed } = inJurisdiction('eu')
  const driver = driverOf(deployed, 'OC')
  await driver.signIn({ login: 'admin', password: 'adminpw-of-tests' })
  expect(await stored()).toBe('eu')
  await driver.addRealms('fb1')
  const user = await driver.enroll(driver.unique('user'), { pin: '1234' })
  const { login, prompt } = await driver.loginWithPrompt(user)
  await user.phone.accept(prompt)
  expect(await driver.service.finalize(login.transactionId)).toBe('ACCEPT')
  const address = await ports.identifiers.locate(login.transactionId)
  expect(address?.shard.region).toBe('weur')
  expect(valueOf(await ports.tokens.record(user.serial as Serial))?.home).toBe('weur')
  expect([...called].toSorted()).toEqual(['eu COUNTER', 'eu JOURNAL', 'eu PHONE', 'eu TRANSACTIONS'])
  await driver.close()
})

it('a deployment does not serve once its jurisdiction was changed, and a probe is told why', async () => {
  await store('us')
  const { called, env: deployed } = inJurisdiction('eu')
  const ask = async (path: string) =>
    worker.fetch(new Request(`https://nod.example${path}`), deployed, createExecutionContext())
  const refused = await ask('/token/')
  expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining('another jurisdiction')])
  const probe = await ask('/healthz')
  expect([probe.status, await probe.text()]).toEqual([500, expect.stringContaining('set JURISDICTION to us')])
  expect([...called]).toEqual([])
})

it('of two isolates that start at once with different jurisdictions, one is refused', async () => {
  await store(null)
  const faults = await Promise.all(
    ([undefined, 'eu'] as const).map(async (configured) => {
      const check = jurisdictionCheck({
        db: env.DB,
        log: () => undefined,
        deployment: { cached: () => valueOf(first), reload: () => ports.deployment.reload() },
        configured,
        faultOf: jurisdictionFault,
      })
      const first = await ports.deployment.reload()
      return check.fault()
    }),
  )
  expect(faults.filter((fault) => fault === undefined)).toHaveLength(1)
})

it('a runtime without jurisdictions says so in place of serving', async () => {
  const probe = await worker.fetch(
    new Request('https://nod.example/healthz'),
    { ...env, JURISDICTION: 'eu' } as Env,
    createExecutionContext(),
  )
  expect([probe.status, await probe.text()]).toEqual([500, expect.stringContaining('JURISDICTION: this runtime')])
})
