import { listAudit, listLogins } from '../../../../client/src/index.ts'
import { address } from '../../address.ts'
import { wordsOf } from '../../audit-words.ts'
import { ButtonLink } from '../../parts/button.tsx'
import { Card, Loaded } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { When } from '../../parts/values.tsx'
import { useQuery } from '../../query.ts'
import type { Owner } from './owner.ts'
import { t } from './user-texts.ts'

const SHOWN = 10

/** The newest logins of a user, each with what became of it in words. */
export function UserLogins({ owner }: { readonly owner: Owner }) {
  const query = useQuery((nod, options) => listLogins(nod, { ...owner, pagesize: SHOWN }, options), [owner])
  const { logins: title, noLogins, loginColumns: columns, allLogins } = t()
  return (
    <Card
      flush
      title={title}
      actions={
        <ButtonLink small href={address('/logins', owner)}>
          {allLogins}
        </ButtonLink>
      }
    >
      <Loaded query={query}>
        {({ logins }) => (
          <Table
            caption={title}
            rows={logins}
            rowKey={({ transaction_id: id, opened }) => `${id} ${opened}`}
            empty={noLogins}
            columns={[
              {
                name: columns.when,
                of: ({ transaction_id: id, opened }) =>
                  id === '' ? (
                    <When at={opened} />
                  ) : (
                    <a href={address(`/logins/${id}`)}>
                      <When at={opened} />
                    </a>
                  ),
              },
              {
                name: columns.what,
                of: ({ reason, advice }) => (
                  <span class="stack-tight">
                    <span>{reason}</span>
                    <span class="quiet small">{advice}</span>
                  </span>
                ),
              },
              { name: columns.service, of: ({ service }) => service },
            ]}
          />
        )}
      </Loaded>
    </Card>
  )
}

/** Records that are looked through for changes. */
const LOOKED_AT = 200

/** Who has changed what about a user: their record, tokens and codes. */
export function UserAudit({ owner }: { readonly owner: Owner }) {
  const query = useQuery(
    (nod, options) => listAudit(nod, { ...owner, action: '!*/validate/*', page_size: LOOKED_AT }, options),
    [owner],
  )
  const { audit: title, noChanges, auditColumns: columns, allAudit } = t()
  return (
    <Card
      flush
      title={title}
      actions={
        <ButtonLink small href={address('/audit', { user: owner.user })}>
          {allAudit}
        </ButtonLink>
      }
    >
      <Loaded query={query}>
        {({ auditdata }) => (
          <Table
            caption={title}
            rows={auditdata.filter(({ administrator }) => administrator !== '').slice(0, SHOWN)}
            rowKey={({ number }) => number}
            empty={noChanges(LOOKED_AT)}
            columns={[
              {
                name: columns.what,
                of: (entry) => (
                  <span class="stack-tight">
                    <span>{wordsOf(entry)}</span>
                    <span class="quiet small break">{[entry.serial, entry.info].filter(Boolean).join(', ')}</span>
                  </span>
                ),
              },
              { name: columns.when, of: ({ date }) => <When at={`${date}Z`} /> },
              { name: columns.by, of: ({ administrator }) => administrator },
            ]}
          />
        )}
      </Loaded>
    </Card>
  )
}
