import { afterAll, beforeAll, beforeEach, vi } from 'vitest'
import { openService } from '../objects/http-world.ts'
import { FAR } from '../objects/world.ts'
import type { Service } from '../simulation/service.ts'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE

export const pass = (milliseconds: number) => vi.setSystemTime(Date.now() + milliseconds)

/** Of the file that imports it, with the administrator's API token at the beginning of each test. */
export let service: Service

/** A Nod whose time stands, for a file of tests: only a test moves it, and no alarm goes off meanwhile. What the clock decides,
 *  it decides alone. */
export function stopTime(): void {
  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: FAR })
    service = await openService()
  })
  // An hour and more lies between any two tests: nothing of one is left for the next.
  beforeEach(async () => {
    pass(2 * HOUR)
    await service.auth('admin', 'adminpw-of-tests')
  })
  afterAll(() => {
    vi.useRealTimers()
  })
}
