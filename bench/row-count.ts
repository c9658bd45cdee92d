import type { D1Database, D1PreparedStatement, D1Result } from '@cloudflare/workers-types'

/** Wraps a D1 database so that it adds up the rows its statements read, as they are billed. */
export function countingRows(db: D1Database): { readonly db: D1Database; rows: number } {
  const counted = { rows: 0, db }
  const statements = new WeakMap<object, D1PreparedStatement>()
  const watched = (statement: D1PreparedStatement): D1PreparedStatement => {
    const proxy = new Proxy(statement, {
      get: (target, property) => {
        if (property === 'bind') return (...values: unknown[]) => watched(target.bind(...values))
        if (property === 'all') return async () => count(await target.all())
        if (property === 'first') return async () => count(await target.all()).results[0] ?? null
        throw new Error(`not counted: ${String(property)}`)
      },
    })
    statements.set(proxy, statement)
    return proxy
  }
  const count = <Row>(result: D1Result<Row>): D1Result<Row> => {
    counted.rows += result.meta.rows_read
    return result
  }
  counted.db = new Proxy(db, {
    get: (target, property) => {
      if (property === 'prepare') return (sql: string) => watched(target.prepare(sql))
      if (property === 'batch')
        return async (batch: readonly D1PreparedStatement[]) => {
          const results = await target.batch(batch.map((statement) => statements.get(statement) ?? statement))
          return results.map(count)
        }
      throw new Error(`not counted: ${String(property)}`)
    },
  })
  return counted
}
