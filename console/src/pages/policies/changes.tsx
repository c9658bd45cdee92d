import { call, type Outcome, type ValueOf } from '../../../../client/src/index.ts'
import { address } from '../../address.ts'
import { usePages } from '../../pages-query.ts'
import { Button } from '../../parts/button.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { Badge } from '../../parts/notice.tsx'
import { Card, Loading } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { t as common } from '../../parts/texts.ts'
import { When } from '../../parts/values.tsx'
import { t } from './texts.ts'

type Page = Omit<ValueOf<'GET /deployment/policies/changes'>, 'next'> & { readonly next: string | null }

const withCursor = (outcome: Outcome<ValueOf<'GET /deployment/policies/changes'>>): Outcome<Page> => {
  if (!outcome.ok) return outcome
  const { changes, next } = outcome.value
  return { ok: true, value: { changes, next: next === null ? null : String(next) } }
}

/** The newest changes of all policies. Those of one lead to its page, where they can be put back. */
export function Changes({ round }: { readonly round: number }) {
  const found = usePages(
    (nod, cursor, options) =>
      call(nod, 'GET /deployment/policies/changes', { before: cursor }, options).then(withCursor),
    ({ changes }) => changes,
    [round],
  )
  const { changes, changeColumns: columns, noChanges, deleted, saved } = t()
  return (
    <Card title={changes}>
      {found.failure !== undefined && <FailureNotice failure={found.failure} onRetry={found.reload} />}
      {found.items === undefined ? (
        found.failure === undefined && <Loading />
      ) : (
        <Table
          caption={changes}
          rows={found.items}
          rowKey={({ name, revision }) => `${name} ${revision}`}
          empty={noChanges}
          columns={[
            {
              name: columns.what,
              of: ({ name }) => <a href={address(`/policies/${encodeURIComponent(name)}`)}>{name}</a>,
            },
            { name: columns.how, of: ({ policy }) => (policy === null ? <Badge tone="warn">{deleted}</Badge> : saved) },
            { name: columns.who, of: ({ administrator }) => administrator ?? '–' },
            { name: columns.when, of: ({ at }) => <When at={at} /> },
          ]}
        />
      )}
      {found.more !== undefined && (
        <div class="row">
          <Button busy={found.isLoading} onClick={found.more}>
            {common().more}
          </Button>
        </div>
      )}
    </Card>
  )
}
