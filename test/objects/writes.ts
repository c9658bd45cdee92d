/** Counts the rows that objects write, all of them, by the platform's rules: SQL by what the cursor says, a stored
 *  value and an alarm as one row each. */
import { runInDurableObject } from 'cloudflare:test'
import { vi } from 'vitest'
import { stubOf } from './world.ts'

export interface Writes {
  readonly rows: () => number
  /** What wrote them, one entry a write. */
  readonly by: string[]
}

export async function countWrites(): Promise<Writes> {
  const by: string[] = []
  await runInDurableObject(stubOf('PIPUCOUNTING'), (_, { storage }) => {
    const { sql, kv } = storage
    const prototypeOf = <T extends object>(of: T): T => Object.getPrototypeOf(of) as T
    const exec = prototypeOf(sql).exec
    vi.spyOn(prototypeOf(sql), 'exec').mockImplementation(function (this: SqlStorage, ...asked) {
      const cursor = Reflect.apply(exec, this, asked) as SqlStorageCursor<Record<string, SqlStorageValue>>
      // oxlint-disable-next-line no-unused-expressions -- x
      for (let row = 0; row < cursor.rowsWritten; row++) by.push(`sql ${asked[0].trim().slice(0, 30)}`)
      return cursor
    } as typeof exec)
    const put = prototypeOf(kv).put
    vi.spyOn(prototypeOf(kv), 'put').mockImplementation(function (this: SyncKvStorage, ...asked) {
      by.push(`kv ${asked[0]}`)
      return Reflect.apply(put, this, asked)
    } as typeof put)
    const setAlarm = prototypeOf(storage).setAlarm
    vi.spyOn(prototypeOf(storage), 'setAlarm').mockImplementation(function (this: DurableObjectStorage, ...asked) {
      by.push('alarm')
      return Reflect.apply(setAlarm, this, asked) as Promise<void>
    } as typeof setAlarm)
  })
  return { rows: () => by.length, by }
}
