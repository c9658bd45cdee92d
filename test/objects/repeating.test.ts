import { expect, it } from 'vitest'
import { earlierReply } from '../../src/operations/login/find-repeat.ts'
import { seconds, type Serial } from '../../src/vocabulary.ts'
import { enroll, openLogin, ports, valueOf } from './world.ts'

const shard = { region: 'weur', number: 3 } as const

it('another login with the same id is not taken for the login that this request opened', async () => {
  const phone = { serial: 'PIPUREPEAT1' as Serial, key: 0 }
  await enroll(phone.serial)
  const told = { challenges: [], message: 'Press: B', preferredModes: [], wait: seconds(30), digest: 'of one request' }
  const { id } = await openLogin(3, [phone], { reply: told })
  expect(valueOf(await earlierReply(ports, { id, shard }, 'of one request'))).toEqual(told)
  expect(valueOf(await earlierReply(ports, { id, shard }, 'of another'))).toBeUndefined()
})

it('a login that the version before opened can be joined, though it stored no digest of the request', async () => {
  const phone = { serial: 'PIPUREPEAT2' as Serial, key: 0 }
  await enroll(phone.serial)
  const told = { challenges: [], message: 'Press: B', preferredModes: [], wait: seconds(30) }
  const { id } = await openLogin(3, [phone], { reply: told })
  expect(valueOf(await earlierReply(ports, { id, shard }, 'of a request'))).toEqual(told)
})
