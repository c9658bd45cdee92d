import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { policy } from '../rules/policy/sample-policy.ts'
import { auditEntry, revisions, storage, valueOf } from './example.ts'

const one = policy('moved-1', { push_wait: '5' })
const other = policy('moved-2', { push_title_on_mobile: `it's "one"` })

describe('imported policies', () => {
  it('are stored together, in place of those with their names, under one revision', async () => {
    const id = valueOf(await storage().policies.save({ ...one, priority: 9 }, auditEntry('POST /policy/moved-1')))
    const before = await revisions()
    expect(await storage().policies.saveAll([one, other], auditEntry('POST /policy/import/<filename>'))).toMatchObject({
      ok: true,
    })
    expect(await revisions()).toEqual({ ...before, revision: before.revision + 1, settings: before.revision + 1 })
    expect(valueOf(await storage().policies.delete('moved-1', auditEntry('DELETE /policy/moved-1')))).toBe(id)
    expect(valueOf(await storage().policies.delete('moved-2', auditEntry('DELETE /policy/moved-2')))).toBe(
      before.revision + 1,
    )
  })
})

describe('a renamed policy', () => {
  it('keeps its number, and does not take the name of another', async () => {
    const id = valueOf(await storage().policies.save(one, auditEntry('POST /policy/moved-1')))
    valueOf(await storage().policies.save(other, auditEntry('POST /policy/moved-2')))
    const rename = async (from: string, to: string) =>
      valueOf(await storage().policies.rename(from, to, auditEntry('PATCH /policy/<name>')))
    const before = await revisions()
    expect(await rename('moved-1', 'moved-2')).toBeUndefined()
    expect(await rename('nosuch', 'moved-3')).toBeUndefined()
    expect(await revisions()).toEqual(before)
    // Of two at once, one succeeds.
    const both = await Promise.all([rename('moved-1', 'moved-3'), rename('moved-2', 'moved-3')])
    expect(both.filter((number) => number !== undefined)).toHaveLength(1)
    expect(both).toContain(both[0] === undefined ? both[1] : id)
    for (const name of ['moved-1', 'moved-2', 'moved-3'])
      await storage().policies.delete(name, auditEntry('DELETE /policy'))
  })
})

describe('the history of a policy', () => {
  const save = async (action: Parameters<typeof policy>[1], expected?: number) =>
    valueOf(await storage().policies.save(policy('kept', action), auditEntry('POST /policy/<name>'), expected))
  const history = async (name = 'kept') => valueOf(await storage().policies.history(name))

  it('has what each change left of it, and who made the change', async () => {
    expect(await history()).toEqual({ policy: undefined, revision: 0, versions: [] })
    await save({ push_wait: '5' })
    // The same once more is no change.
    await save({ push_wait: '5' })
    await save({ push_wait: '6' })
    const { policy: now, revision, versions } = await history()
    expect(now?.action).toEqual({ push_wait: '6' })
    expect(versions.map((version) => version.policy?.action)).toEqual([{ push_wait: '6' }, { push_wait: '5' }])
    expect(versions[0]).toMatchObject({ revision, action: 'POST /policy/<name>', at: expect.any(Number) })

    await storage().policies.rename('kept', 'kept-on', auditEntry('PATCH /policy/<name>'))
    expect(await history()).toMatchObject({ policy: undefined, revision: 0, versions: [{ name: 'kept' }, {}, {}] })
    expect(await history('kept-on')).toMatchObject({ versions: [{ policy: { name: 'kept-on' } }] })
    await storage().policies.delete('kept-on', auditEntry('DELETE /policy/<name>'))
    const [deleted] = (await history('kept-on')).versions
    expect(deleted?.policy).toBeUndefined()
    const changes = valueOf(await storage().policies.changes(2))
    expect(changes[0]).toEqual(deleted)
    expect(valueOf(await storage().policies.changes(50, changes[1]?.revision)).map(({ name }) => name)).toContain(
      'kept',
    )
  })

  it('decides which of two changes comes first: the second is refused', async () => {
    expect(await save({ push_wait: '5' }, 0)).toBeDefined()
    expect(await save({ push_wait: '6' }, 0)).toBeUndefined()
    const { revision } = await history()
    const both = await Promise.all([save({ push_wait: '7' }, revision), save({ push_wait: '8' }, revision)])
    expect(both.filter((number) => number !== undefined)).toHaveLength(1)
    const before = await revisions()
    expect(await save({ push_wait: '9' }, revision)).toBeUndefined()
    expect(await revisions()).toEqual(before)
    await storage().policies.delete('kept', auditEntry('DELETE /policy/<name>'))
    expect(await save({ push_wait: '9' }, (await history()).versions[0]?.revision)).toBeUndefined()
  })

  it('keeps a hundred versions, and none that is two years old but the newest', async () => {
    for (let wait = 0; wait < 102; wait += 1) await save({ push_wait: String(wait % 100), push_ttl: String(wait) })
    expect((await history()).versions).toHaveLength(100)
    await env.DB.prepare('UPDATE policy_history SET revision = revision - 70000000000').run()
    await storage().policies.save(policy('another', { push_wait: '1' }), auditEntry('POST /policy/<name>'))
    expect((await history()).versions.map((version) => version.policy?.action['push_ttl'])).toEqual(['101'])
    for (const name of ['kept', 'another']) await storage().policies.delete(name, auditEntry('DELETE /policy/<name>'))
  })
})
