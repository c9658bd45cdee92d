import { applyD1Migrations, type D1Migration, reset } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { emptyObject, journalStub, reconnect } from './world.ts'

declare global {
  namespace Cloudflare {
    interface Env {
      /** From vitest.config.ts: inside workerd there is no folder to read. */
      TEST_MIGRATIONS: D1Migration[]
    }
  }
}

// For the reason that test/served/quick-hashes.mjs gives. Files share an isolate, so once is enough.
const deriveBits: unknown = Reflect.get(SubtleCrypto.prototype, 'deriveBits')
if (typeof deriveBits === 'function' && deriveBits.name !== 'quickly') {
  const quickly = function quickly(this: SubtleCrypto, algorithm: { name: string }, ...rest: unknown[]): unknown {
    const quick = algorithm.name === 'PBKDF2' ? { ...algorithm, iterations: 100 } : algorithm
    return Reflect.apply(deriveBits, this, [quick, ...rest])
  }
  Reflect.set(SubtleCrypto.prototype, 'deriveBits', quickly)
}

// Files share an isolate: each begins with nothing stored, and nothing cached of what was.
await reset()
// All of them as one, which takes a third of the time.
const last = env.TEST_MIGRATIONS.at(-1)?.name ?? ''
const others = env.TEST_MIGRATIONS.slice(0, -1).map(({ name }) => `INSERT INTO d1_migrations (name) VALUES ('${name}')`)
const queries = env.TEST_MIGRATIONS.flatMap((migration) => migration.queries)
await applyD1Migrations(env.DB, [{ name: last, queries: [...queries, ...others] }])
// Objects and requests of the file before may still report its changes to the journal, which would take the empty database for one
// that was put back. A report that is yet to come is no newer than this revision. One that has come since the reset may be, from a
// test whose clock was ahead: it is deleted with all that the journal knows.
await env.DB.prepare('UPDATE deployment SET revision = ?1, settings_revision = ?1').bind(Date.now()).run()
await reconnect()
await emptyObject(journalStub())
