import type { JournalObject, ReportedChange } from '../ports/journal-object.ts'
import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../refusal.ts'
import { shardName } from '../vocabulary.ts'

/** Reports changes to the journal, which tells the shards of changed settings. If the journal cannot be reached, tells all shards itself.
 *  `behind`: the shards that do not know the newest settings, as far as this isolate knows. */
export function changeReports(journal: Pick<JournalObject, 'record'>, transactions: () => Ports['transactions']) {
  let behind: readonly string[] = []

  async function tellShards({ epoch, revision }: ReportedChange): Promise<void> {
    const shards = transactions().shards()
    behind = shards.map(shardName)
    await Promise.all(
      shards.map(async (shard) => {
        const told = await transactions().inShard(shard).learnSettings({ version: { epoch, revision } })
        if (told.ok) behind = behind.filter((name) => name !== shardName(shard))
      }),
    )
  }

  return {
    tellShards,
    behind: (): readonly string[] => behind,

    async report(change: ReportedChange): Promise<Outcome<unknown>> {
      const recorded = await journal.record(change)
      if (!recorded.ok) return recorded
      // A journal of the version before tells no shard.
      if (recorded.value !== undefined) behind = recorded.value.behind
      else if (change.changesSettings === true) await tellShards(change)
      return recorded
    },
  }
}
