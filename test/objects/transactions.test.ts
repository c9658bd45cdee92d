import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { Phone } from '../../src/index.ts'
import type { Serial } from '../../src/vocabulary.ts'
import { delayCrypto, drawId, type Drawn, drawLogin, openLogin, shard, valueOf, verdict } from './world.ts'
import { countRows } from './counting.ts'
import { twoPhones } from './two-phones.ts'

const decline = (login: Drawn) => login.say(A, { decline: true })
const times = (count: number) => Array.from({ length: count }, (_, index) => index)
const AT = 31
const { A, B, both, enrollBoth, stands, evict, open, finalize } = twoPhones(AT, 'PIPUTRANS00')

beforeAll(enrollBoth)
afterEach(() => {
  vi.restoreAllMocks()
})

describe('opening', () => {
  it('the same login twice opens it once', async () => {
    const login = await open()
    await shard(AT).answer({ id: login.id, answer: await login.say(A) })
    const rows = await countRows()
    const again = valueOf(await shard(AT).open(login.opening))
    expect(again).toEqual({ undelivered: [], unconfirmed: [], withdrawn: [] })
    expect([await stands(login.id), rows.length]).toEqual(['accepted', 0])
  })

  it('is refused if the id belongs to another login, which stays as it is', async () => {
    const login = await open()
    const other = await drawLogin(AT, both)
    const taken = { ...other.opening, transaction: { ...other.opening.transaction, id: login.id } }
    expect(verdict(await shard(AT).open(taken))).toBe('id_taken')
    const fewer = { ...login.opening.transaction, challenges: login.opening.transaction.challenges.slice(1) }
    expect(verdict(await shard(AT).open({ ...login.opening, transaction: fewer }))).toBe('id_taken')
    expect(await shard(AT).answer({ id: login.id, answer: await login.say(A) })).toMatchObject({
      value: { accepted: true },
    })
  })

  it('leaves out the phone that was withdrawn before', async () => {
    const login = await drawLogin(AT, both)
    await shard(AT).withdraw({ id: login.id, serial: A, withdrawal: { cause: 'token_changed' } })
    await shard(AT).withdraw({ id: await drawId(AT), serial: B, withdrawal: { cause: 'token_changed' } })
    await evict()
    for (let repeated = 0; repeated < 2; repeated++)
      expect(valueOf(await shard(AT).open(login.opening)).withdrawn).toEqual([A])
    expect(valueOf(await shard(AT).answer({ id: login.id, answer: await login.say(A) }))).toEqual({
      accepted: false,
      unmatched: true,
    })
    expect(valueOf(await shard(AT).pendingPrompts({ serial: A, ids: [login.id], most: 5 }))).toEqual([])
    expect(valueOf(await shard(AT).answer({ id: login.id, answer: await login.say(B) }))).toEqual({ accepted: true })
  })

  it('opens nothing when the whole login was withdrawn before', async () => {
    const login = await drawLogin(AT, both)
    await shard(AT).withdraw({ id: login.id, withdrawal: { cause: 'opening_unconfirmed' } })
    expect(valueOf(await shard(AT).open(login.opening)).withdrawn).toEqual([A, B])
    expect(await stands(login.id)).toBe('declined')
    expect(valueOf(await shard(AT).answer({ id: login.id, answer: await login.say(B) }))).toEqual({
      accepted: false,
      unmatched: true,
    })
  })
})

describe('an answer', () => {
  it('that the phone did not sign changes nothing', async () => {
    const login = await open({}, { mode: 'presence', presence: 'B' })
    const yes = await login.say(A, { presence: 'B' })
    const no = await login.say(A, { decline: true, reason: 'cancelled' })
    const rows = await countRows()
    const forged = [
      { ...yes, presence: 'C' },
      { ...yes, decline: true },
      { ...yes, serial: B },
      { ...yes, serial: 'PIPUTRANS00X' as Serial },
      { ...yes, nonce: (await login.say(B)).nonce ?? '' },
      { ...no, decline: false },
      { ...no, reason: 'unknown_trigger' },
      { ...yes, signature: yes.signature.map((byte, at) => (at === 9 ? byte ^ 1 : byte)) },
      { ...yes, signature: new Uint8Array() },
      await login.say(A, { presence: 'B', key: 1 }),
    ]
    for (const answer of forged)
      expect(valueOf(await shard(AT).answer({ id: login.id, answer }))).toEqual({ accepted: false, unmatched: true })
    expect([await stands(login.id), rows]).toEqual(['pending', []])
    expect(valueOf(await shard(AT).answer({ id: login.id, answer: yes }))).toEqual({ accepted: true })
  })

  it('to another login is unheard', async () => {
    const [mine, other] = [await open(), await open()]
    expect(valueOf(await shard(AT).answer({ id: mine.id, answer: await other.say(A) }))).toEqual({
      accepted: false,
      unmatched: true,
    })
    expect(await stands(mine.id)).toBe('pending')
  })

  it('sent twice gets the same reply, even if the object restarted, and after the end', async () => {
    const login = await open({}, { mode: 'code_to_phone', code: '123456', codeMessage: 'Type it' })
    const yes = await login.say(A)
    const first = valueOf(await shard(AT).answer({ id: login.id, answer: yes }))
    expect(first).toEqual({ accepted: true, code: '123456', message: 'Type it' })
    await evict()
    const rows = await countRows()
    expect(valueOf(await shard(AT).answer({ id: login.id, answer: yes }))).toEqual(first)
    expect(rows.length).toBe(0)
    expect(await finalize(login.id, { entry: '123456' })).toBe('ok')
    expect(valueOf(await shard(AT).answer({ id: login.id, answer: yes }))).toEqual(first)
  })

  it('that accepts and one that declines at once: one counts, and each reply says which', async () => {
    for (const round of times(6)) {
      const login = await openLogin(AT, [{ serial: A, key: 0 }])
      const said = [await login.say(A), await login.say(A, { decline: true })]
      const sent = round % 2 === 0 ? said : said.toReversed()
      const replies = (await Promise.all(sent.map((one) => shard(AT).answer({ id: login.id, answer: one })))).map(
        valueOf,
      )
      const taken = sent.filter((_, index) => replies[index]?.accepted)
      expect(taken).toHaveLength(1)
      expect(await stands(login.id)).toBe(taken[0]?.decline ? 'declined' : 'accepted')
      expect(await finalize(login.id)).toBe(taken[0]?.decline ? 'not_accepted' : 'ok')
    }
  })

  // Verifying is an await: an answer that is applied to the login as it was before would undo what came meanwhile.
  it.each([
    ['declines', async (login: Drawn) => shard(AT).answer({ id: login.id, answer: await decline(login) })],
    ['is withdrawn', async ({ id }: Drawn) => shard(AT).withdraw({ id, withdrawal: { cause: 'service_key_revoked' } })],
  ])('that accepts changes nothing if the login %s while its signature is verified', async (_, happens) => {
    const login = await openLogin(AT, [{ serial: A, key: 0 }])
    const verification = delayCrypto('verify')
    const accepting = shard(AT).answer({ id: login.id, answer: await login.say(A) })
    await verification.reached()
    await happens(login)
    verification.proceed()
    expect(valueOf(await accepting).accepted).toBe(false)
    expect(await stands(login.id)).toBe('declined')
    await evict()
    expect([await stands(login.id), await finalize(login.id)]).toEqual(['declined', 'not_accepted'])
  })

  it('with a wrong number counts as a failed attempt of that phone', async () => {
    const counted = vi.spyOn(Phone.prototype, 'countFailure')
    const login = await open({}, { mode: 'presence', presence: 'B' })
    const wrong = await login.say(A, { presence: 'C' })
    for (const _ of times(3))
      expect(valueOf(await shard(AT).answer({ id: login.id, answer: wrong }))).toEqual({ accepted: false })
    expect(counted).toHaveBeenCalledTimes(1)
  })
})

describe('withdrawing', () => {
  it('a key withdraws its logins that are not finalized, even after a restart', async () => {
    const of = async (keyHash: string) => open({ keyHash })
    const [open1, used, other] = [await of('revoked'), await of('revoked'), await of('another')]
    await shard(AT).answer({ id: used.id, answer: await used.say(A) })
    expect(await finalize(used.id, { keyHash: 'revoked' })).toBe('ok')
    await evict()
    await shard(AT).withdrawByKey({ keyHash: 'revoked' })
    expect(await Promise.all([open1, used, other].map(({ id }) => stands(id)))).toEqual([
      'declined',
      'finalized',
      'pending',
    ])
  })

  it('a key withdraws what it opens later', async () => {
    await shard(AT).withdrawByKey({ keyHash: 'revoked' })
    await evict()
    const [late, other] = [await open({ keyHash: 'revoked' }), await open({ keyHash: 'another' })]
    expect([await stands(late.id), await stands(other.id)]).toEqual(['declined', 'pending'])
  })
})

describe('a service key that gets another secret at once', () => {
  it('goes on with its logins under the new one, and no more under the old', async () => {
    const [mine, other] = [await open({ keyHash: 'old' }), await open({ keyHash: 'another' })]
    await shard(AT).answer({ id: mine.id, answer: await mine.say(A) })
    await evict()
    await shard(AT).rekey({ from: ['older', 'old'], to: 'new' })
    await shard(AT).rekey({ from: ['older', 'old'], to: 'new' })
    expect(await finalize(mine.id, { keyHash: 'old' })).toBe('transaction_unknown')
    expect(await finalize(other.id, { keyHash: 'new' })).toBe('transaction_unknown')
    expect(await finalize(mine.id, { keyHash: 'new' })).toBe('ok')
  })

  it('opens nothing with the old one that was on its way', async () => {
    await shard(AT).rekey({ from: ['old'], to: 'new' })
    const [late, next] = [await open({ keyHash: 'old' }), await open({ keyHash: 'new' })]
    expect([await stands(late.id), await stands(next.id)]).toEqual(['declined', 'pending'])
  })

  it('finalizes with either while both are valid, and with no other', async () => {
    const hashes = ['second', 'first']
    for (const keyHash of hashes) {
      const login = await open({ keyHash: 'first' })
      await shard(AT).answer({ id: login.id, answer: await login.say(A) })
      expect(await finalize(login.id, { keyHash: 'another', keyHashes: ['another'] })).toBe('transaction_unknown')
      expect(await finalize(login.id, { keyHash, keyHashes: hashes })).toBe('ok')
    }
  })
})

describe('a shard that is evicted between any two steps', () => {
  it('goes on where it was', async () => {
    const login = await drawLogin(AT, both)
    valueOf(await shard(AT).open(login.opening))
    await evict()
    expect(valueOf(await shard(AT).pendingPrompts({ serial: A, ids: [login.id], most: 5 }))).toEqual([
      { id: login.id, prompt: { nonce: A } },
    ])
    await evict()
    expect(valueOf(await shard(AT).answer({ id: login.id, answer: await login.say(A) }))).toEqual({ accepted: true })
    await evict()
    expect([
      await stands(login.id),
      valueOf(await shard(AT).pendingPrompts({ serial: B, ids: [login.id], most: 5 })),
    ]).toEqual(['accepted', []])
    await evict()
    expect(await finalize(login.id)).toBe('ok')
    await evict()
    expect([await finalize(login.id), await stands(login.id)]).toEqual(['transaction_unknown', 'finalized'])
  })
})
