/** Texts of policies that an older version stored and that would be refused now. */
import { beforeAll, expect, it } from 'vitest'
import type { Service } from '../simulation/service.ts'
import { equip, type Holder, openService } from './http-world.ts'
import { ports, valueOf } from './world.ts'

let service: Service
let ada: Holder
beforeAll(async () => {
  service = await openService()
  ada = await equip('ada', 'polled')
})

it('are shown as before: the default question on the phone, nothing for an unknown tag at the login', async () => {
  const { policies } = valueOf(await ports.deployment.reload())
  const [sample] = policies
  if (sample === undefined) throw new Error('no policy')
  const entry = { at: ports.now(), action: 'test', administrator: 'admin', address: '' }
  const action = {
    push_text_on_mobile: 'Are you {nosuch}?',
    push_challenge_text: 'Hi {nosuch}{username!r} } {username}',
  }
  valueOf(await ports.policies.save({ ...sample, name: 'old', scope: 'authentication', action }, entry))
  await ports.deployment.reload()
  expect((await service.trigger(ada.who)).message).toBe('Hi  } ada')
  expect((await ada.phone.poll()).map(({ question }) => question)).toEqual(['Do you want to confirm the login?'])
})
