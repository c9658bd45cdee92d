/** The row of the table `deployment` that says which history D1 holds. */
import type { Catalogue } from '../ports/catalogue.ts'
import { done } from '../refusal.ts'
import { epoch, revision } from '../vocabulary.ts'
import { type RunQuery, storageUnavailable } from './run-query.ts'

export const catalogue = (runQuery: RunQuery): Catalogue => ({
  async version() {
    const outcome = await runQuery('catalogue version', (db) =>
      db
        .withSession('first-primary')
        .prepare('SELECT epoch, revision FROM deployment')
        .first<{ epoch: number; revision: number }>(),
    )
    if (!outcome.ok) return outcome
    if (outcome.value === null) return storageUnavailable()
    return done({ epoch: epoch(outcome.value.epoch), revision: revision(outcome.value.revision) })
  },
})
