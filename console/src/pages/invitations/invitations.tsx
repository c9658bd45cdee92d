import { useState } from 'preact/hooks'
import { call, type ValueOf } from '../../../../client/src/index.ts'
import { address, useFilters } from '../../address.ts'
import { Button } from '../../parts/button.tsx'
import { ActionButton } from '../../parts/dialog.tsx'
import { Badge, type Tone } from '../../parts/notice.tsx'
import { Card, Loaded, Page } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { toast } from '../../parts/toast.tsx'
import { When } from '../../parts/values.tsx'
import { useQuery } from '../../query.ts'
import { ask } from '../../session.ts'
import { InviteByCsv } from './by-csv.tsx'
import { InviteOne } from './invite.tsx'
import { t } from './texts.ts'

type Listed = ValueOf<'GET /invitation'>[number]

/** Milliseconds: users open their links meanwhile. */
const EVERY = 10_000

const TONES: Readonly<Record<Listed['state'], Tone>> = { open: 'plain', begun: 'info', registered: 'good' }

/** The open invitations. A link to this page with a user in its address invites that one. */
export default function Invitations() {
  const { filters, setFilters } = useFilters(['user', 'realm'])
  const query = useQuery((nod, options) => call(nod, 'GET /invitation', {}, options), [], { every: EVERY })
  const [opened, setOpened] = useState<'one' | 'csv' | undefined>(filters.user === '' ? undefined : 'one')
  const { title, lead, invite, several } = t()
  const close = () => {
    setOpened(undefined)
    setFilters({ user: '', realm: '' })
    query.reload()
  }
  return (
    <Page
      title={title}
      lead={lead}
      actions={
        <>
          <Button onClick={() => setOpened('csv')}>{several}</Button>
          <Button kind="primary" onClick={() => setOpened('one')}>
            {invite}
          </Button>
        </>
      }
    >
      <Card flush>
        <Loaded query={query}>{(listed) => <List of={listed} onDone={query.reload} />}</Loaded>
      </Card>
      {opened === 'one' && (
        <InviteOne user={filters.user} realm={filters.realm} onMade={query.reload} onClose={close} />
      )}
      {opened === 'csv' && <InviteByCsv onClose={close} />}
    </Page>
  )
}

function List({ of, onDone }: { readonly of: readonly Listed[]; readonly onDone: () => void }) {
  const { title, empty, columns, states, withdraw, withdrawTitle, withdrawText, withdrawn } = t()
  return (
    <Table
      caption={title}
      rows={of}
      rowKey={({ id }) => id}
      empty={empty}
      columns={[
        {
          name: columns.user,
          of: ({ user, realm }) => (
            <span class="stack-tight">
              <a href={address(`/users/${encodeURIComponent(realm)}/${encodeURIComponent(user)}`)}>{user}</a>
              <span class="quiet small">{realm}</span>
            </span>
          ),
        },
        {
          name: columns.state,
          of: ({ state, serial }) => (
            <span class="stack-tight">
              <Badge tone={TONES[state]}>{states[state]}</Badge>
              {state === 'registered' && (
                <a class="small" href={address(`/tokens/${encodeURIComponent(serial)}`)}>
                  {serial}
                </a>
              )}
            </span>
          ),
        },
        { name: columns.by, of: ({ invited_by: by }) => by },
        { name: columns.expires, of: ({ expires_at: at }) => <When at={at} /> },
        { name: columns.note, of: ({ note }) => <span class="break">{note}</span> },
        {
          name: columns.actions,
          kind: 'actions',
          of: ({ id, user }) => (
            <ActionButton
              quiet
              kind="danger"
              name={withdraw}
              title={withdrawTitle(user)}
              consequence={withdrawText}
              work={() => ask((nod) => call(nod, 'DELETE /invitation/{id}', { id }))}
              onDone={() => {
                toast(withdrawn(user))
                onDone()
              }}
            />
          ),
        },
      ]}
    />
  )
}
