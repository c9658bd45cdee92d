/** The short form of `npm run faults`; the long one is `faults.slow.test.ts`. */
import { describe, expect, it } from 'vitest'
import { QUICK } from './groups.ts'
import { deviationsOf, runAll } from './matrix.ts'
import { World } from './world.ts'

it('under every fault the caller sees what it should, and nothing is lost', { timeout: 120_000 }, async () => {
  const world = await World.open()
  try {
    const lines = await runAll(world, QUICK)
    expect(lines.length).toBeGreaterThan(15)
    expect(lines.flatMap((line) => deviationsOf(line).map((wrong) => `${line.row.fault}: ${wrong}`))).toEqual([])
  } finally {
    await world.close()
  }
})

describe('the matrix', () => {
  const row = { fault: 'none', step: 'nowhere', seen: 'x', recovered: 'y' }
  const found = { seen: 'x', recovered: 'y', lost: [], finalized: ['1'] }
  const nobody = { auditCounts: async () => new Map<string, number>(), clearFaults: async () => undefined }
  const faultsIn = async (run: () => Promise<typeof found>) => {
    const [line] = await runAll(nobody, [{ name: 'none', rows: [{ ...row, run }] }])
    return line && deviationsOf(line)
  }

  it('says so where a row is not as it should be', async () => {
    expect(await faultsIn(async () => found)).toEqual(['lost: 0 records in the audit of 1'])
    expect(await faultsIn(() => Promise.reject(new Error('out')))).toEqual([
      'saw Error: out, expected x',
      'recovered: no, expected y',
    ])
  })
})
