import { Table } from '../../parts/table.tsx'
import type { Difference } from './draft.ts'
import { t } from './editor-texts.ts'

/** What differs, side by side. */
export function Differences({
  of,
  caption,
  before = t().was,
  after = t().becomes,
  empty,
}: {
  readonly of: readonly Difference[]
  readonly caption: string
  readonly before?: string
  readonly after?: string
  readonly empty: string
}) {
  return (
    <Table
      caption={caption}
      rows={of}
      rowKey={({ name }) => name}
      empty={empty}
      columns={[
        { name: t().what, of: ({ name }) => name },
        { name: before, of: (one) => <span class="break policy-before">{one.before}</span> },
        { name: after, of: (one) => <span class="break policy-after">{one.after}</span> },
      ]}
    />
  )
}
