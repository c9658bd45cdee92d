import { runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, expect, it, vi } from 'vitest'
import { timelineAnswer } from '../../src/protocol/login/timeline.ts'
import { addSeconds, seconds, type Serial } from '../../src/vocabulary.ts'
import { enroll, eventually, FAR, finalizing, openLogin, ports, shard, shardStub, valueOf } from './world.ts'

const AT = 47

afterEach(() => {
  vi.useRealTimers()
})

it('the audit has the same steps of a login as its shard had', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: FAR })
  const phone = { serial: 'PIPUTIMELINE' as Serial, key: 0 }
  const owner = { login: 'ada', realm: 'sales' }
  await enroll(phone.serial, { owner })
  const opened = { owner, service: 'vpn', keyHash: 'hash of vpn' }
  const { id, say } = await openLogin(AT, [phone], opened)
  const by = { action: 'POST /ttype/<ttype>', address: '198.51.100.4', userAgent: 'app' }
  valueOf(await shard(AT).answer({ id, answer: { ...(await say(phone.serial)), origin: by } }))
  const service = { action: 'POST /validate/check', address: '192.0.2.7', userAgent: 'plugin' }
  valueOf(await shard(AT).finalize({ ...finalizing(id), keyHash: 'hash of vpn', origin: service }))
  const before = valueOf(await shard(AT).timeline({ id }))
  if (before === undefined) throw new Error('no timeline')
  expect(timelineAnswer(before).steps.map(({ event, client }) => [event, client])).toEqual([
    ['opened', '192.0.2.7'],
    ['accepted', '198.51.100.4'],
    ['finalized', '192.0.2.7'],
  ])

  await eventually(async () => {
    vi.setSystemTime(addSeconds(ports.now(), seconds(700)))
    await runDurableObjectAlarm(shardStub(AT))
    expect(valueOf(await shard(AT).timeline({ id }))).toBeUndefined()
  })
  const after = valueOf(await ports.audit.loginRecord(id))
  if (after === undefined) throw new Error('not in the audit')
  expect(timelineAnswer(after)).toEqual(timelineAnswer(before))
})
