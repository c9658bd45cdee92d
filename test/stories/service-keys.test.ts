import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Driver, type EnrolledUser, nextPrompt } from '../driver/driver.ts'
import { fields } from '../simulation/reply.ts'
import { Service } from '../simulation/service.ts'
import { openNod, url } from './scene.ts'

let nod: Driver
let ada: EnrolledUser

beforeAll(async () => {
  nod = await openNod('service-keys')
  ada = await nod.enroll('ada')
})
afterAll(() => nod.close())

const UNKNOWN = { status: 401, error: { code: 4304 } }
const OPENED = { status: 200, value: 1 }
const holding = (authorization: string): Service => nod.caller({ authorization })

async function rotate(name: string, form: Readonly<Record<string, string>> = {}): Promise<string> {
  const reply = await nod.service.call('POST', `/apikey/${name}/rotate`, { form })
  expect(reply).toMatchObject({ status: 200 })
  return String(fields(reply.value)['key'])
}
/** A key with a name of its own, and a service that holds it. */
async function made(): Promise<{ name: string; key: string; service: Service }> {
  const kind = nod.unique('key')
  const key = await nod.serviceKey(kind)
  const { value } = await nod.service.call('GET', '/apikey')
  const names = (value as readonly { readonly name: string }[]).map(({ name }) => name)
  return { name: names.find((name) => name.endsWith(kind)) ?? '', key, service: holding(key) }
}
const revoke = (name: string) => nod.service.call('DELETE', `/apikey/${name}`)

async function accepted(service: Service): Promise<string> {
  const { transactionId } = await service.trigger(ada.owner)
  await ada.phone.accept(await nextPrompt(ada.phone, ada.serial))
  return transactionId
}
const finalize = (service: Service, id: string) => service.check({ ...ada.owner, pass: '', transaction_id: id })
const ACCEPTED = { authentication: 'ACCEPT' }
const REJECTED = { authentication: 'REJECT' }

describe('a service key that is rotated', () => {
  it('has a new secret, and with either finalizes what the other opened', async () => {
    const { name, service: old } = await made()
    const [first, second] = [await accepted(old), await accepted(old)]
    const next = holding(await rotate(name))
    const third = await accepted(next)
    expect(await finalize(next, first)).toMatchObject(ACCEPTED)
    expect(await finalize(old, second)).toMatchObject(ACCEPTED)
    expect(await finalize(old, third)).toMatchObject(ACCEPTED)
    await revoke(name)
  })

  it('at once: the old secret opens and finalizes nothing, and the new one goes on with every open login', async () => {
    const { name, service: old } = await made()
    const [first, second] = [await accepted(old), await accepted(old)]
    const next = holding(await rotate(name, { overlap: '0' }))
    expect(await old.triggerchallenge(ada.owner)).toMatchObject(UNKNOWN)
    expect(await finalize(old, first)).not.toMatchObject(ACCEPTED)
    for (const id of [first, second]) expect(await finalize(next, id)).toMatchObject(ACCEPTED)
    await revoke(name)
  })

  it('belongs to the same service, and other services get nothing of it', async () => {
    const [mine, theirs] = [await made(), await made()]
    const id = await accepted(mine.service)
    const rotated = holding(await rotate(theirs.name))
    for (const service of [theirs.service, rotated]) expect(await finalize(service, id)).toMatchObject(REJECTED)
    expect(await finalize(holding(await rotate(mine.name)), id)).toMatchObject(ACCEPTED)
    for (const { name } of [mine, theirs]) await revoke(name)
  })

  it('is revoked as a whole: no secret of it is left, and its logins are withdrawn', async () => {
    const { name, service: old } = await made()
    const first = await accepted(old)
    const next = holding(await rotate(name))
    const second = await accepted(next)
    expect(await revoke(name)).toMatchObject({ status: 200, value: 1 })
    for (const service of [old, next]) {
      expect(await service.triggerchallenge(ada.owner)).toMatchObject(UNKNOWN)
      for (const id of [first, second]) expect(await finalize(service, id)).not.toMatchObject(ACCEPTED)
    }
    expect(await nod.service.call('POST', `/apikey/${name}/rotate`)).toMatchObject({ status: 404 })
    // Another key of this name is another service.
    await nod.service.call('POST', '/apikey', { form: { name } })
    for (const service of [old, next]) expect(await service.triggerchallenge(ada.owner)).toMatchObject(UNKNOWN)
    await revoke(name)
  })

  it('has only one newest secret, however many rotate it at once, and every answer was a secret', async () => {
    const { name, service: old } = await made()
    const keys = await Promise.all([rotate(name), rotate(name), rotate(name)])
    for (const service of [old, ...keys.map(holding)])
      expect(await service.triggerchallenge(ada.owner)).toMatchObject(OPENED)
    const { value } = await nod.service.call('GET', '/apikey')
    const [item] = (value as readonly Record<string, unknown>[]).filter((one) => one['name'] === name)
    expect(item).toMatchObject({ earlier: [{}, {}, {}] })
    await revoke(name)
  })

  it('also stands in the path, for plugins that send no header', async () => {
    const { name } = await made()
    const key = await rotate(name)
    const inPath = new Service({ baseUrl: `${url}/s/${key}` })
    expect(await inPath.triggerchallenge(ada.owner)).toMatchObject(OPENED)
    await rotate(name, { overlap: '0' })
    expect(await inPath.triggerchallenge(ada.owner)).toMatchObject(UNKNOWN)
    await revoke(name)
  })

  it('of another role than validate is refused in the path, where logs and histories keep it', async () => {
    for (const role of ['admin', 'helpdesk'] as const) {
      const name = `path-${role}`
      const { value } = await nod.service.call('POST', '/apikey', { form: { name: `${nod.realm}-${name}`, role } })
      const key = String(fields(value)['key'])
      const inPath = new Service({ baseUrl: `${url}/s/${key}` })
      const refused = {
        status: 401,
        error: {
          code: 4304,
          message: expect.stringContaining('A service key of this role is taken from a header only'),
        },
      }
      expect(await inPath.call('GET', '/token/')).toMatchObject(refused)
      expect(await inPath.triggerchallenge(ada.owner)).toMatchObject(refused)
      expect(await holding(key).call('GET', '/token/')).toMatchObject({ status: 200 })
      await nod.service.call('DELETE', `/apikey/${nod.realm}-${name}`)
    }
  })

  it('is audited, without a secret or a hash', async () => {
    const { name, key } = await made()
    const next = await rotate(name, { overlap: '0' })
    const { value } = await nod.service.call('GET', '/audit/', {
      query: { action: 'POST /apikey/<name>/rotate', page_size: '1' },
    })
    const text = JSON.stringify(value)
    expect(text).toContain(`${name}: the secret before ends now`)
    for (const secret of [key, next]) expect(text).not.toContain(secret.slice(4))
    await revoke(name)
  })
})

describe('a request to rotate or to make a service key', () => {
  it('is refused with times that are none', async () => {
    const { name } = await made()
    const wrong: readonly Readonly<Record<string, string>>[] = [
      { overlap: '-1' },
      { overlap: '2592001' },
      { overlap: '1.5' },
      { overlap: 'a day' },
      { expires_in: '59' },
      { expires_in: '315360001' },
      { expires_in: '1e9' },
    ]
    for (const form of wrong) {
      const rotation = await nod.service.call('POST', `/apikey/${name}/rotate`, { form })
      expect(rotation, JSON.stringify(form)).toMatchObject({ status: 400, error: { code: 905 } })
    }
    const form = { name: 'service-keys-bad', expires_in: '0' }
    expect(await nod.service.call('POST', '/apikey', { form })).toMatchObject({ status: 400, error: { code: 905 } })
    await revoke(name)
  })

  it('is refused to the service itself, and to the helpdesk', async () => {
    const { name, service } = await made()
    const helpdesk = await nod.serviceKey('desk', 'helpdesk')
    for (const caller of [service, holding(helpdesk), holding('')])
      expect(await caller.call('POST', `/apikey/${name}/rotate`, { form: { overlap: '0' } })).toMatchObject({
        status: 401,
      })
    expect(await service.triggerchallenge(ada.owner)).toMatchObject(OPENED)
    await revoke(name)
    await nod.revokeServiceKey('desk')
  })
})
