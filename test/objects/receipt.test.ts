import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { addSeconds, seconds, type Serial } from '../../src/vocabulary.ts'
import { fields } from '../simulation/reply.ts'
import { caller, equip, openService } from './http-world.ts'
import { drawLogin, enroll, eventually, FAR, finalizing, openLogin, ports, shard, shardStub, valueOf } from './world.ts'

const AT = 51
const owner = { login: 'ada', realm: 'sales' }

afterEach(() => {
  vi.useRealTimers()
})

async function accepted(serial: string, kept: { readonly signingKey?: string } = { signingKey: 'k2048-1' }) {
  vi.useFakeTimers({ toFake: ['Date'], now: FAR })
  const phone = { serial: serial as Serial, key: 0 }
  await enroll(phone.serial, { owner })
  const login = await openLogin(AT, [phone], { owner, service: 'vpn', keyHash: 'hash of vpn' }, kept)
  valueOf(await shard(AT).answer({ id: login.id, answer: await login.say(phone.serial) }))
  return login.id
}

const evidence = async (id: Awaited<ReturnType<typeof accepted>>) => valueOf(await shard(AT).receipt({ id }))?.evidence

describe('what a shard has for a receipt', () => {
  it('is there from the answer until ten minutes after the end of the login', async () => {
    const id = await accepted('PIPURECEIPT')
    expect(await evidence(id)).toMatchObject({ status: 'accepted', answer: { decline: false }, answeredAt: FAR })
    valueOf(await shard(AT).finalize({ ...finalizing(id), keyHash: 'hash of vpn' }))
    expect(await evidence(id)).toMatchObject({ status: 'finalized', finalizedAt: FAR })
    await eventually(async () => {
      vi.setSystemTime(addSeconds(ports.now(), seconds(700)))
      await runDurableObjectAlarm(shardStub(AT))
      expect(await evidence(id)).toBeUndefined()
    })
  })

  it('tells that an accepted login was never used', async () => {
    const id = await accepted('PIPUUNUSED')
    vi.setSystemTime(addSeconds(ports.now(), seconds(301)))
    expect(await evidence(id)).toMatchObject({ status: 'expired' })
  })

  it('is nothing for a login that the version before opened', async () => {
    expect(await evidence(await accepted('PIPUBEFORE', {}))).toBe('not_kept')
  })

  it('is nothing for a login that nobody answers', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: FAR })
    const phone = { serial: 'PIPUNOBODY' as Serial, key: 0 }
    const { id, opening } = await drawLogin(AT, [phone], { owner }, { signingKey: 'k2048-1' })
    valueOf(await shard(AT).open(opening))
    expect(await evidence(id)).toBe('undecided')
    vi.setSystemTime(addSeconds(ports.now(), seconds(121)))
    expect(await evidence(id)).toBe('undecided')
  })
})

describe('over HTTP', () => {
  it('a login that was swept has no receipt, and another service does not hear that there was one', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: FAR })
    const service = await openService()
    const { who, phone, serial } = await equip('rita', 'polled')
    const key = async (name: string) => {
      const { value } = await service.call('POST', '/apikey', { form: { name, role: 'validate' } })
      return caller(String(fields(value)['key']))
    }
    const [vpn, mail] = [await key('receipt-vpn'), await key('receipt-mail')]
    const { transactionId } = await vpn.trigger(who)
    const [prompt] = await phone.poll(serial)
    if (prompt === undefined) throw new Error('no prompt came')
    await phone.accept(prompt)
    const path = `/transaction/${transactionId}/receipt`
    expect((await vpn.call('GET', path)).status).toBe(200)

    // The key is read before anything is signed with it.
    const { results } = await env.DB.prepare('SELECT * FROM signing_keys').all<Record<string, string>>()
    await env.DB.prepare('DELETE FROM signing_keys').run()
    const gone = 'This login has no receipt: the signing key of its prompt was deleted.'
    expect(await vpn.call('GET', path)).toMatchObject({ status: 404, error: { code: 601, message: gone } })
    for (const row of results)
      await env.DB.prepare(
        `INSERT INTO signing_keys (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row).fill('?').join(', ')})`,
      )
        .bind(...Object.values(row))
        .run()
    expect((await vpn.call('GET', path)).status).toBe(200)

    const { shard: place } = (await ports.identifiers.locate(transactionId)) ?? {}
    const stub = env.TRANSACTIONS.get(env.TRANSACTIONS.idFromName(`${place?.region}/${place?.number}`))
    const over = 'This login has no receipt: it ended more than ten minutes ago, and what proves it is kept no longer.'
    await eventually(async () => {
      vi.setSystemTime(addSeconds(ports.now(), seconds(700)))
      await runDurableObjectAlarm(stub)
      expect(await vpn.call('GET', path)).toMatchObject({ status: 404, error: { code: 601, message: over } })
    })
    const unknown = `The transaction ${transactionId} does not exist.`
    expect(await mail.call('GET', path)).toMatchObject({ status: 404, error: { code: 601, message: unknown } })
  })
})
