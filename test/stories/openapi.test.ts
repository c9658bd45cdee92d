import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fetchDescription, type JsonSchema, type OpenApiDocument } from '../openapi.ts'
import { fields } from '../simulation/reply.ts'
import { ApiDescription, type DescribedOperation } from './api-description.ts'
import type { Driver } from '../driver/driver.ts'
import { only } from '../driver/waiting.ts'
import { openNod, url } from './scene.ts'

let nod: Driver
let document: OpenApiDocument
let description: ApiDescription

beforeAll(async () => {
  nod = await openNod('described')
  document = await fetchDescription(url)
  description = new ApiDescription(document)
})
afterAll(() => nod.close())

describe('the API’s description', () => {
  it('is valid OpenAPI 3.1, needs no credential, and can be cached', async () => {
    const response = await fetch(`${url}/openapi.json`)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('public, max-age=3600')
    const { valid, errors } = await new Validator().validate((await response.json()) as Record<string, unknown>)
    expect(errors).toBeUndefined()
    expect(valid).toBe(true)
  })

  it('has unique operation ids, and only roles that exist', () => {
    const names = description.operations.map(({ said }) => said.operationId)
    expect(new Set(names).size).toBe(names.length)
    const roles = description.operations.flatMap(({ said }) =>
      said.security.flatMap((one) => Object.values(one).flat()),
    )
    expect([...new Set(roles)].toSorted()).toEqual(['admin', 'helpdesk', 'metrics', 'user', 'validate'])
  })
})

/** Values that some fields do not accept. */
const INVALID_VALUES: readonly unknown[] = ['x'.repeat(5_000), 8, true, { of: {} }]
const ajv = new Ajv2020({ allowUnionTypes: true })
const invalidFor = (shape: JsonSchema, values: readonly unknown[]): unknown =>
  values.find((value) => !ajv.validate(shape, value))

async function send(
  { method, path, said }: DescribedOperation,
  values: Readonly<Record<string, unknown>>,
): Promise<string> {
  const inPath = new Set((said.parameters ?? []).flatMap(({ name, in: where }) => (where === 'path' ? [name] : [])))
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name] ?? 'x')))
  const rest = Object.fromEntries(Object.entries(values).filter(([name]) => !inPath.has(name)))
  const query = method === 'GET' ? `?${new URLSearchParams(rest as Record<string, string>)}` : ''
  const response = await fetch(`${url}${filled}${query}`, {
    method,
    headers: { authorization: nod.service.token ?? '', 'content-type': 'application/json' },
    ...(method === 'GET' ? {} : { body: JSON.stringify(rest) }),
  })
  return `${response.status} ${await response.text()}`
}

describe('a described field', () => {
  it('of a protected route is read: an invalid value is refused with the name of the field', async () => {
    const guarded = description.operations.filter(({ said }) => said.security.length > 0)
    expect(guarded.length).toBeGreaterThan(45)
    let fieldsTried = 0
    for (const operation of guarded) {
      const inPath = (operation.said.parameters ?? []).filter(({ in: where }) => where === 'path')
      const own = Object.fromEntries(inPath.map(({ name, schema }) => [name, schema]))
      const shapes = { ...own, ...description.fields(operation) }
      for (const [name, shape] of Object.entries(shapes)) {
        // The path has the old name of a policy and the body its new one, under the same name in the description.
        if (Object.hasOwn(own, name) && Object.hasOwn(description.fields(operation), name)) continue
        const isText = operation.method === 'GET' || Object.hasOwn(own, name)
        const invalid = invalidFor(shape, isText ? INVALID_VALUES.slice(0, 1) : INVALID_VALUES)
        expect(invalid, `${operation.said.operationId} ${name}`).toBeDefined()
        const others = Object.entries(shapes).flatMap(([one, of]) => (ajv.validate(of, 'x') ? [[one, 'x']] : []))
        const reply = await send(operation, { ...Object.fromEntries(others), [name]: invalid })
        // Radiuscheck answers by the status alone.
        // A validation answers what a request would be refused for.
        const expected = operation.path.endsWith('/radiuscheck')
          ? /^400 $/
          : new RegExp(`^${operation.path.endsWith('/validate') ? 200 : 400} .*Invalid parameter ${name}:`)
        expect(reply, operation.said.operationId).toMatch(expected)
        fieldsTried += 1
      }
    }
    expect(fieldsTried).toBeGreaterThan(150)
  })
})

it('the example of a token change selects a token and has every required field', async () => {
  const verbs = description.operations.filter((one) => Object.hasOwn(description.fields(one), 'serials'))
  expect(verbs.length).toBeGreaterThan(15)
  for (const verb of verbs) expect(await send(verb, description.example(verb)), verb.said.operationId).toMatch(/^404 /)
})

describe('every response', () => {
  it('matches its description: in enrollment, logins and administration', async () => {
    const exchanges: { readonly request: Request; readonly response: Response }[] = []
    const realFetch = globalThis.fetch
    globalThis.fetch = async (...input) => {
      const request = new Request(...input)
      const response = await realFetch(request.clone())
      if (request.url.startsWith(url)) exchanges.push({ request, response: response.clone() })
      return response
    }
    try {
      await useEverything()
    } finally {
      globalThis.fetch = realFetch
    }
    const faults: string[] = []
    for (const { request, response } of exchanges) {
      const type = response.headers.get('content-type') ?? ''
      const text = await response.text()
      const body: unknown = text === '' ? undefined : type.startsWith('application/json') ? JSON.parse(text) : text
      faults.push(...description.faults(request.method, new URL(request.url).pathname, response.status, type, body))
    }
    expect(faults).toEqual([])
    expect(exchanges.length).toBeGreaterThan(50)
  })
})

/** Calls most endpoints as plugins, phones and administrators do, refusals included. */
async function useEverything(): Promise<void> {
  const { service } = nod
  const call = service.call.bind(service)
  const { phone, serial, owner } = await nod.enroll('ada', { pin: '1234' })
  await service.auth('admin', 'adminpw-of-tests')
  for (const path of [
    '/auth/rights',
    '/ttype/push/info',
    '/healthz',
    '/smsgateway',
    '/smsgateway/fb1',
    '/administrator',
  ])
    await call('GET', path)

  const first = await service.trigger(owner)
  await call('GET', `/validate/polltransaction/${first.transactionId}`)
  await call('GET', `/token/challenges/${serial}`)
  await phone.accept(only(await phone.poll()))
  await call('GET', `/validate/polltransaction/${first.transactionId}`)
  await service.finalize(first.transactionId)
  await call('GET', `/transaction/${first.transactionId}`)
  const second = await service.trigger(owner)
  await phone.decline(only(await phone.poll()))
  await service.finalize(second.transactionId)
  const third = await service.trigger(owner)
  await call('DELETE', `/token/challenges/transaction/${third.transactionId}`)
  await call('DELETE', '/token/challenges/expired')
  for (const pass of ['1234', 'wrong']) {
    await call('POST', '/validate/check', { form: { ...owner, pass } })
    await call('GET', '/validate/radiuscheck', { query: { ...owner, pass } })
  }
  await call('GET', '/token/challenges', { query: owner })
  await call('GET', '/token', { query: owner })
  await call('GET', '/token', { query: { ...owner, outform: 'csv' } })
  await call('GET', '/audit', { query: { serial } })
  await call('GET', '/audit/some.csv', { query: { serial } })

  const issued = await call('POST', '/token/bypass', { form: { ...owner, reason: 'lost phone' } })
  await call('GET', '/token/bypass')
  for (let times = 0; times < 2; times++) await call('DELETE', `/token/bypass/${fields(issued.value)['id']}`)

  for (const verb of ['disable', 'enable', 'reset', 'setpin']) await call('POST', `/token/${verb}/${serial}`)
  await call('POST', `/token/info/${serial}/polling_allowed`, { form: { value: 'True' } })
  await call('POST', '/token/revoke', { form: { serial } })
  await call('DELETE', `/token/${serial}`)
  await call('DELETE', `/token/${serial}`)

  const name = `${nod.realm}-written`
  await call('POST', `/policy/${name}`, {
    form: { scope: 'authentication', action: 'push_wait=1', realm: nod.realm },
  })
  for (const path of [`/policy/disable/${name}`, `/policy/enable/${name}`, '/policy/enable/nosuch'])
    await call('POST', path)
  for (const path of ['/policy', `/policy/${name}`, '/policy/export/all.cfg']) await call('GET', path)
  const sections = ['', '/authentication', '/conditions', '/pinodes', '/nosuch']
  for (const section of sections) await call('GET', `/policy/defs${section}`)
  for (const action of ['push_wait', 'otppin'])
    await call('GET', '/policy/check', { query: { ...owner, scope: 'authentication', action } })
  for (const scope of ['', 'authentication', 'admin'])
    await call('POST', '/policy/simulate', { form: { ...owner, scope } })
  await call('DELETE', `/policy/${name}`)

  await call('POST', '/user', { form: { user: 'grace', realm: nod.realm } })
  await call('PUT', '/user', { form: { user: 'grace', realm: nod.realm, surname: 'Hopper' } })
  await call('PUT', '/user', { form: { user: 'nobody', realm: nod.realm } })
  await call('GET', '/user', { query: { realm: nod.realm } })
  for (let times = 0; times < 2; times++) await call('DELETE', '/user/nod/grace', { query: { realm: nod.realm } })
  for (const path of ['/realm', '/realm/superuser', '/defaultrealm', '/resolver', '/resolver/nod', '/resolver/ldap'])
    await call('GET', path)
  await call('POST', '/resolver/ldap')
  await call('POST', `/realm/${nod.realm}-made`, { form: { resolvers: 'nod, ldap' } })
  for (let times = 0; times < 2; times++) await call('DELETE', `/realm/${nod.realm}-made`)
  await nod.serviceKey('described')
  await call('GET', '/apikey')
  await nod.revokeServiceKey('described')
  await nod.revokeServiceKey('described')
  await call('POST', '/system/setConfig', { form: { DefaultMaxFailCount: '10' } })
  await call('GET', '/system')
  await call('GET', '/system/DefaultMaxFailCount')
  await call('DELETE', '/system/DefaultMaxFailCount')
  await call('GET', '/system/DefaultMaxFailCount')

  const login = `${nod.realm}-helper`
  await call('POST', '/administrator', { form: { login, password: 'long enough by far' } })
  for (const verb of ['disable', 'enable']) await call('POST', `/administrator/${verb}/${login}`)
  await call('POST', '/administrator/password', { form: { password: 'x', new_password: 'long enough by far' } })
  await call('DELETE', `/administrator/${login}`)
  await call('POST', '/smsgateway', { form: { name: 'fb2' } })

  const other = await nod.enroll('hedy')
  const fourth = await service.trigger(other.owner)
  await other.phone.accept(only(await other.phone.poll()))
  await service.finalize(fourth.transactionId)
  await call('GET', `/transaction/${fourth.transactionId}/receipt`)
  await call('GET', '/deployment/user-data', { query: other.owner })
  for (const path of ['/deployment/keys/signing', '/deployment/keys/api-token', '/deployment/keys/webhook'])
    await call('GET', path)
  for (const path of ['/deployment/keys/master', '/deployment/lost-changes', '/deployment/audit/head'])
    await call('GET', path)
  for (const path of ['/deployment/audit/records', '/deployment/audit/links', '/deployment/audit/archive'])
    await call('GET', path)
  for (const path of ['/webhook', '/report/phones', '/report/firewall', '/token/search']) await call('GET', path)
  await call('GET', '/healthz', { query: { deep: '1' } })
  await call('POST', `/apikey/${nod.realm}-described/rotate`)
  for (const verb of ['pause', 'resume', 'setrandompin']) await call('POST', `/token/${verb}/${other.serial}`)
  await call('POST', '/token/set', { form: { serial: other.serial, max_failcount: '9' } })
  await call('POST', `/token/lost/${other.serial}`)
  await call('POST', '/token/unassign', { form: { serial: other.serial } })
  await nod.caller().call('GET', '/token')
  await nod.caller().call('POST', '/auth', { form: { username: 'nobody', password: 'x' } })
  await call('GET', '/ttype/hotp')
  await call('GET', '/ttype/push', { query: { serial, timestamp: 'x', signature: 'x' } })
}
