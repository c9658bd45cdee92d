import { expect, it } from 'vitest'
import { newPhone } from '../objects/http-world.ts'
import { MINUTE, pass, service, stopTime } from './world.ts'

stopTime()

it('a photographed QR code registers no phone after its ten minutes and one more', async () => {
  const scan = async () => {
    const { pushurl } = await service.init({ user: 'ada', realm: 'polled', type: 'push', genkey: '1' })
    const phone = newPhone({ now: () => Date.now() })
    return { phone, credential: phone.scan(pushurl?.value ?? '') }
  }
  const register = async ({ phone, credential }: Awaited<ReturnType<typeof scan>>) =>
    phone.post(credential.url, await phone.registrationForm(credential))
  const [inTime, late] = [await scan(), await scan()]
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
