import { expect, it } from 'vitest'
import { isPaused, withoutPastPause } from '../../../src/rules/token/ring-pause.ts'
import { instant } from '../../../src/vocabulary.ts'

const now = instant(1_792_486_800_000)

it('rings are paused until the time that was set, and not in that instant', () => {
  expect(isPaused({}, now)).toBe(false)
  expect(isPaused({ ringsPausedUntil: instant(now + 1) }, now)).toBe(true)
  expect(isPaused({ ringsPausedUntil: now }, now)).toBe(false)
})

it('a pause that is over is shown in no list', () => {
  const paused = { serial: 'PIPU1', ringsPausedUntil: instant(now + 1) }
  expect(withoutPastPause(paused, now)).toBe(paused)
  expect(withoutPastPause(paused, instant(now + 1))).toEqual({ serial: 'PIPU1', ringsPausedUntil: undefined })
})
