import { describe, expect, it } from 'vitest'
import { DIVERGENCES } from '../golden/divergences.ts'
import { read } from './repository.ts'

/** The rows of the tables, without the bar in front. */
const rows = read('docs/divergences.md')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.slice(2))

describe('a difference from the recordings', () => {
  it.each(DIVERGENCES)('stands in docs/divergences.md, for whoever moves in: $id', (divergence) => {
    expect(divergence.rows).not.toEqual([])
    expect(divergence.rows.filter((row) => !rows.some((line) => line.startsWith(row)))).toEqual([])
  })

  it('has a name of its own', () => {
    const ids = DIVERGENCES.map(({ id }) => id)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  })
})
