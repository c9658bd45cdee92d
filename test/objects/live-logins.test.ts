import { describe, expect, it } from 'vitest'
import { LoginChanges } from '../../src/objects/login-changes.ts'
import { type Instant, instant, seconds, type TransactionId } from '../../src/vocabulary.ts'

const START = instant(Date.UTC(2026, 10, 29, 10))
const login = (number: number): TransactionId => String(number).padStart(20, '0') as TransactionId
const at = (time: Instant = START) => new LoginChanges(() => time)

describe('the changes of a shard', () => {
  it('are those after a number, each login once, the latest last', () => {
    const changes = at()
    const before = changes.last
    for (const number of [1, 2, 1]) changes.note(login(number))
    expect(changes.since(before)).toEqual([login(2), login(1)])
    expect(changes.since(changes.last)).toEqual([])
  })

  it('of a restarted shard are not known, nor those of long ago: whoever watches begins anew', () => {
    const changes = at()
    const before = changes.last
    changes.note(login(1))
    expect(at(instant(START + 1000)).since(changes.last)).toBeUndefined()
    for (let number = 2; number < 600; number += 1) changes.note(login(number))
    expect(changes.since(before)).toBeUndefined()
    expect(changes.since(changes.last - 3)).toHaveLength(3)
  })

  it('wake who watches any login, or this one, and nobody else', async () => {
    const changes = at()
    const woken: string[] = []
    const all = changes.untilChange(seconds(60)).then(() => woken.push('all'))
    const first = changes.untilChange(seconds(60), login(1)).then(() => woken.push('first'))
    changes.note(login(2))
    await all
    expect(woken).toEqual(['all'])
    changes.note(login(1))
    await first
    expect(woken).toEqual(['all', 'first'])
  })

  it('let at most 64 watch: more are answered at once', async () => {
    const changes = at()
    const watching = Array.from({ length: 64 }, () => changes.untilChange(seconds(60)))
    await changes.untilChange(seconds(60))
    changes.note(login(1))
    await Promise.all(watching)
  })
})
