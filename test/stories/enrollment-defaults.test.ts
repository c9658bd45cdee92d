/** On a Nod of its own: on the one that all stories share, other stories' policies say how phones are enrolled. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type OwnNod, startOwnNod } from '../conformance/own-nod.ts'
import { type Action, Driver } from '../driver/driver.ts'

let own: OwnNod
let nod: Driver

beforeAll(async () => {
  own = await startOwnNod()
  nod = new Driver({ url: own.url }, { polled: 'here', prefix: 'defaults' })
  if (own.admin === undefined) throw new Error('no administrator')
  await nod.signIn(own.admin)
  for (const realm of ['here', 'there']) await nod.service.call('POST', `/realm/${realm}`)
})
afterEach(() => nod.deletePolicies())
afterAll(() => own.stop())

const init = (realm: string, type = 'push') =>
  nod.service.call('POST', '/token/init', { form: { type, genkey: '1', user: nod.unique('user'), realm } })

/** What a QR code of this realm says. */
async function enrolled(realm: string, type = 'push') {
  const reply = await init(realm, type)
  expect(reply).toMatchObject({ status: 200, value: true })
  const { searchParams } = new URL(reply.detail.pushurl?.value ?? '')
  const { info } = (await nod.token(reply.detail.serial ?? '')) as { info?: Record<string, unknown> }
  return {
    url: searchParams.get('url'),
    ttl: searchParams.get('ttl'),
    firebase: info?.[`${type}_firebase_configuration`],
  }
}

const missing = (action: string) => ({
  status: 403,
  error: { code: 303, message: `Missing enrollment policy for push token: ${action}` },
})

const ELSEWHERE = 'https://elsewhere.example/ttype/push'

describe('enrolling', () => {
  it('works without a policy', async () => {
    expect(await enrolled('here')).toEqual({ url: nod.phoneUrl(), ttl: '10', firebase: 'FB1' })
    expect(await enrolled('here', 'edupush')).toMatchObject({ url: nod.phoneUrl('edupush'), firebase: 'FB1' })
  })

  it('still works with a policy that says how long a QR code is valid, how tokens are called and how many there may be', async () => {
    await nod.policy('enrollment', { push_ttl: '5', tokenlabel: '{user}', max_token_per_user: '3' })
    expect(await enrolled('here')).toEqual({ url: nod.phoneUrl(), ttl: '5', firebase: 'FB1' })
  })

  it.each<[string, Action, object]>([
    ['delivery', { push_firebase_configuration: 'poll only' }, { url: 'ours', firebase: 'poll only' }],
    ['the address', { push_registration_url: ELSEWHERE }, { url: ELSEWHERE, firebase: 'FB1' }],
  ])('takes %s from a policy and the other from the default', async (_, action, expected) => {
    await nod.policy('enrollment', action)
    const { url, firebase } = await enrolled('here')
    expect({ url: url === nod.phoneUrl() ? 'ours' : url, firebase }).toEqual(expected)
  })

  it.each(['push_firebase_configuration', 'push_registration_url'])(
    'is refused to users for whom no policy sets %s, once one sets it for others',
    async (action) => {
      const value = action === 'push_registration_url' ? ELSEWHERE : 'poll only'
      await nod.policy('enrollment', { [action]: value }, { realm: ['there'] })
      expect(await init('here')).toMatchObject(missing(action))
      expect((await init('there')).status).toBe(200)
      // The other app has actions of its own.
      expect((await init('here', 'edupush')).status).toBe(200)
      await nod.policy('enrollment', { [`edu${action}`]: value }, { realm: ['there'] })
      expect(await init('here', 'edupush')).toMatchObject(missing(`edu${action}`))
    },
  )

  it('works again when the policy for others is disabled', async () => {
    const name = await nod.policy('enrollment', { push_registration_url: ELSEWHERE }, { realm: ['there'] })
    expect(await init('here')).toMatchObject(missing('push_registration_url'))
    await nod.service.call('POST', `/policy/disable/${name}`)
    expect((await init('here')).status).toBe(200)
  })
})

describe('a policy with a Firebase configuration that is not set', () => {
  const why = (action: string) =>
    `${action}: there is no Firebase configuration 'my-app'; set the secret FIREBASE_MY_APP`

  it.each(['push_firebase_configuration', 'edupush_firebase_configuration'])(
    'is refused when written, naming the secret to set: %s',
    async (action) => {
      const form = { scope: 'enrollment', action: `${action}=my-app, push_ttl=5` }
      expect(await nod.service.call('POST', '/policy/unset', { form })).toMatchObject({
        status: 400,
        error: { code: 905, message: `ERR905: ${why(action)}` },
      })
      expect((await nod.service.call('GET', '/policy/unset')).value).toEqual([])
    },
  )

  it('is refused when imported, or imported without its Firebase configuration', async () => {
    const action = { push_firebase_configuration: 'my-app', push_ttl: '5' }
    const json = { policies: [{ name: 'unset', scope: 'enrollment', action }] }
    expect(await nod.service.call('POST', '/policy/import/all.json', { json })).toMatchObject({
      status: 400,
      error: {
        code: 905,
        message: `ERR905: Nothing was imported. With skip=1 this is left out: unset: ${why('push_firebase_configuration')}`,
      },
    })
    const skipping = await nod.service.call('POST', '/policy/import/all.json', { json, query: { skip: '1' } })
    expect(skipping).toMatchObject({
      status: 200,
      value: 1,
      detail: { left_out: [{ policy: 'unset', action: 'push_firebase_configuration' }] },
    })
    expect((await nod.service.call('GET', '/policy/unset')).value).toMatchObject([{ action: { push_ttl: '5' } }])
    await nod.service.deletePolicy('unset')
  })

  it('may spell the name as the secret or as privacyIDEA has it', async () => {
    for (const name of ['fb1', 'FB1']) {
      await nod.policy('enrollment', { push_firebase_configuration: name })
      expect(await enrolled('here')).toMatchObject({ firebase: name })
      await nod.deletePolicies()
    }
  })
})
