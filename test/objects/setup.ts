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

// Files share an isolate: each begins with nothing stored, and nothing cached of what was.
await reset()
await applyD1Migrations(env.DB, env.TEST_MIGRATIONS)
// Objects and requests of the file before may still report its changes to the journal, which would take the empty database for one
// that was put back. A report that is yet to come is no newer than this revision. One that has come since the reset may be, from a
// test whose clock was ahead: it is deleted with all that the journal knows.
await env.DB.prepare('UPDATE deployment SET revision = ?1, settings_revision = ?1').bind(Date.now()).run()
await reconnect()
await emptyObject(journalStub())
