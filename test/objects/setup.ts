import { applyD1Migrations, type D1Migration, evictDurableObject, reset, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { reconnect } from './world.ts'

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
// The file before may still report a change to the journal, which would take the empty database for one that was put back.
await env.DB.prepare('UPDATE deployment SET revision = ?1, settings_revision = ?1').bind(Date.now()).run()
await reconnect()
// Objects and requests of the file before may have told the journal meanwhile how far its catalogue was: the new one would seem to
// be put back to an earlier state.
const journal = env.JOURNAL.get(env.JOURNAL.idFromName('journal'))
await runInDurableObject(journal, (_, { storage }) => storage.deleteAll())
await evictDurableObject(journal)
