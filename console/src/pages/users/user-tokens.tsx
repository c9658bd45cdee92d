import { address } from '../../address.ts'
import { Card, Loading } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { When } from '../../parts/values.tsx'
import { type ActionName, TokenAction } from '../tokens/actions.tsx'
import { type FoundToken, StatusBadge } from '../tokens/token-status.tsx'
import { t } from './user-texts.ts'

const actionsOf = ({ revoked, active, status }: FoundToken): readonly ActionName[] =>
  revoked || status === 'waiting' ? ['remove'] : [active ? 'disable' : 'enable', 'reset', 'remove']

/** The tokens of a user, each with its state and what one does most often; its own page has the rest. */
export function UserTokens({
  rows,
  onDone,
}: {
  readonly rows: readonly FoundToken[] | undefined
  readonly onDone: () => void
}) {
  const { tokens, columns, noTokens, never } = t()
  return (
    <Card flush title={tokens}>
      {rows === undefined ? (
        <Loading />
      ) : (
        <Table
          caption={tokens}
          rows={rows}
          rowKey={({ serial }) => serial}
          empty={noTokens}
          columns={[
            {
              name: columns.serial,
              of: ({ serial, description, system }) => (
                <span class="stack-tight">
                  <a href={address(`/tokens/${encodeURIComponent(serial)}`)}>{serial}</a>
                  <span class="quiet small break">{[description, system].filter(Boolean).join(', ')}</span>
                </span>
              ),
            },
            { name: columns.state, of: ({ status }) => <StatusBadge of={status} /> },
            {
              name: columns.used,
              of: ({ last_used_at: at }) => (at === null ? <span class="quiet">{never}</span> : <When at={at} />),
            },
            {
              name: columns.actions,
              kind: 'actions',
              of: (row) => (
                <span class="row row-end">
                  {actionsOf(row).map((action) => (
                    <TokenAction key={action} action={action} serials={[row.serial]} onDone={onDone} />
                  ))}
                </span>
              ),
            },
          ]}
        />
      )}
    </Card>
  )
}
