import { listAudit, listLogins } from '../../../../client/src/index.ts'
import { address } from '../../address.ts'
import { wordsOf } from '../../audit-words.ts'
import { ButtonLink } from '../../parts/button.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Card, Loaded } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { When } from '../../parts/values.tsx'
import { useQuery } from '../../query.ts'
import { LoginTable } from '../logins/list.tsx'
import { t } from './token-texts.ts'

const SHOWN = 10

/** The newest logins that its phone was asked about. */
export function TokenLogins({ serial }: { readonly serial: string }) {
  const query = useQuery((nod, options) => listLogins(nod, { serial, pagesize: SHOWN }, options), [serial])
  const labels = t()
  return (
    <Card
      title={labels.logins}
      actions={
        <ButtonLink small href={address('/logins', { serial })}>
          {labels.allLogins}
        </ButtonLink>
      }
    >
      <Loaded query={query}>
        {({ logins, stopped_at: stopped }) => (
          <>
            {stopped !== null && <Notice>{labels.stopped}</Notice>}
            <LoginTable of={logins} empty={labels.noLogins} />
          </>
        )}
      </Loaded>
    </Card>
  )
}

/** What was done to it. */
export function TokenAudit({ serial }: { readonly serial: string }) {
  const query = useQuery((nod, options) => listAudit(nod, { serial, page_size: SHOWN }, options), [serial])
  const labels = t()
  return (
    <Card
      title={labels.history}
      actions={
        <ButtonLink small href={address('/audit', { serial })}>
          {labels.all}
        </ButtonLink>
      }
    >
      <Loaded query={query}>
        {({ auditdata }) => (
          <Table
            caption={labels.history}
            rows={auditdata}
            rowKey={({ number }) => number}
            empty={labels.nothing}
            columns={[
              { name: labels.what, of: wordsOf },
              { name: labels.when, of: ({ date }) => <When at={`${date}Z`} /> },
              { name: labels.by, of: ({ administrator, client }) => (administrator === '' ? client : administrator) },
            ]}
          />
        )}
      </Loaded>
    </Card>
  )
}
