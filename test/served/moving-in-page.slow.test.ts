/** The commands of docs/moving-in.md, from top to bottom, as the administrator of a real privacyIDEA would run them. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Address } from '../../scripts/rehearsal/address.ts'
import { commandBlocks } from '../docs/commands.ts'
import { type EnrolledUser, nextPrompt } from '../driver/driver.ts'
import { expectDone, type OldServer, startOldServer } from '../import/old-server.ts'
import { OwnNod } from './own-nod.ts'
import { Reader } from './reader.ts'

let old: OldServer
let own: OwnNod
let alice: EnrolledUser
/** What the phone knows. */
let address: Address

beforeAll(async () => {
  own = await OwnNod.start({ ANONYMOUS_CHECK: 'allow' })
  old = await startOldServer({ kind: 'privacyidea', version: '3.14', folder: own.path('old') })
  await expectDone(old.driver.service.call('POST', '/realm/sales', { json: { resolvers: 'users' } }))
  address = await Address.lead({ url: old.url })
  const action = { push_registration_url: `${address.url}/ttype/push`, push_firebase_configuration: 'poll only' }
  await old.driver.service.setPolicy('phones', 'enrollment', action)
  alice = await old.driver.enroll('alice', { realm: 'sales' })
  await own.stop()
  await own.start({ UPSTREAM_URL: old.url, UPSTREAM_LOGIN: 'admin', UPSTREAM_PASSWORD: 'adminpw' })
}, 600_000)
afterAll(async () => {
  await own?.remove()
  await old?.stop()
  await address?.stop()
}, 60_000)

it('docs/moving-in.md moves a realm', { timeout: 300_000 }, async () => {
  const reader = new Reader(own)
  copyFileSync(old.path('pi.cfg'), join(reader.folder, 'pi.cfg'))
  const blocks = commandBlocks('docs/moving-in.md')
  await reader.run(blocks.filter(({ excuse }) => excuse === undefined))
  address.lead({ url: own.url })
  const { transactionId } = await own.driver.service.trigger(alice.owner)
  await alice.phone.accept(await nextPrompt(alice.phone, alice.serial))
  expect(await own.driver.service.finalize(transactionId)).toBe('ACCEPT')
})
