import { env } from 'cloudflare:workers'

/** What the database of `metered` was billed for. */
export const meter = { read: 0, written: 0 }
/** D1, with a count of the rows that it bills. */
export function metered(): D1Database {
  const count = <T extends { readonly meta: D1Meta }>(result: T): T => {
    meter.read += result.meta.rows_read
    meter.written += result.meta.rows_written
    return result
  }
  const inside = new WeakMap<object, D1PreparedStatement>()
  const statement = (real: D1PreparedStatement): D1PreparedStatement => {
    const wrapped = {
      bind: (...values: unknown[]) => statement(real.bind(...values)),
      all: async () => count(await real.all()),
      run: async () => count(await real.run()),
      first: async () => count(await real.all()).results[0] ?? null,
    } as unknown as D1PreparedStatement
    inside.set(wrapped, real)
    return wrapped
  }
  const real = new Proxy(env.DB, {
    get: (db, verb) => {
      if (verb === 'prepare') return (sql: string) => statement(db.prepare(sql))
      if (verb === 'batch')
        return async (list: D1PreparedStatement[]) =>
          (await db.batch(list.flatMap((one) => inside.get(one) ?? []))).map(count)
      return undefined
    },
  })
  return real
}
