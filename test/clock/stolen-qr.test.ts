import { expect, it } from 'vitest'
import { newPhone } from '../objects/http-world.ts'
import { MINUTE, pass, service, stopTime } from './world.ts'

stopTime()

const scan = async (user: string) => {
  const { pushurl } = await service.init({ user, realm: 'polled', type: 'push', genkey: '1' })
  const phone = newPhone({ now: () => Date.now() })
  return { phone, credential: phone.scan(pushurl?.value ?? '') }
}
const register = async ({ phone, credential }: Awaited<ReturnType<typeof scan>>) =>
  phone.post(credential.url, await phone.registrationForm(credential))

it('a photographed QR code registers no phone after its ten minutes and one more', async () => {
  const [inTime, late] = [await scan('ada'), await scan('ada')]
  pass(11 * MINUTE - 1)
  expect((await register(inTime)).status).toBe(200)
  pass(1)
  expect(await register(late)).toMatchObject({
    status: 400,
    error: { message: 'ERR905: Invalid enrollment credential. You are not authorized to finalize this token.' },
  })
  expect((await service.call('GET', '/token/', { query: { serial: late.credential.serial } })).value).toMatchObject({
    tokens: [{ rollout_state: 'clientwait' }],
  })
})

it('under the profile nist-63b4 a QR code ends after ten minutes', async () => {
  await service.setPolicy('strict', 'authentication', { push_profile: 'nist-63b4' }, { realm: ['polled'] })
  const [inTime, late] = [await scan('bea'), await scan('bea')]
  await service.deletePolicy('strict')
  pass(10 * MINUTE - 1)
  expect((await register(inTime)).status).toBe(200)
  pass(1)
  expect((await register(late)).status).toBe(400)
})
