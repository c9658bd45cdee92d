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
