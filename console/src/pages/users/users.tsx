import { useState } from 'preact/hooks'
import { addUser, call, listRealms, listUsers, type User } from '../../../../client/src/index.ts'
import { useLocation } from 'preact-iso'
import { address, useFilters } from '../../address.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { Form, SelectField, TextField } from '../../parts/form.tsx'
import { Card, Loading, Page } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { t as common } from '../../parts/texts.ts'
import { toast } from '../../parts/toast.tsx'
import { usePages } from '../../pages-query.ts'
import { useQuery } from '../../query.ts'
import { ask, may } from '../../session.ts'
import { t } from './texts.ts'

const PAGE_SIZE = 50

const userAddress = (user: string, realm: string): string =>
  address(`/users/${encodeURIComponent(realm)}/${encodeURIComponent(user)}`)

/** Users, found by the beginning of their login name while one types. */
export default function Users() {
  const { filters, setFilters } = useFilters(['q', 'realm'])
  const { q, realm } = filters
  const [isAdding, setAdding] = useState(false)
  const realms = useQuery(listRealms, [])
  const names = Object.keys(realms.value ?? {})
  const found = usePages(
    async (nod, cursor, options) => {
      const page = Number(cursor ?? 1)
      // Stars in what is typed would find other names than those that begin with it.
      const username = q.trim() === '' ? undefined : `${q.trim()}*`
      const users = await listUsers(
        nod,
        { username, realm: realm === '' ? undefined : realm, page, pagesize: PAGE_SIZE },
        options,
      )
      if (!users.ok) return users
      const next = users.value.length < PAGE_SIZE ? null : String(page + 1)
      return { ok: true, value: { users: users.value, next } }
    },
    ({ users }) => users,
    [q, realm],
  )
  const labels = t()
  return (
    <Page
      title={labels.title}
      lead={labels.lead}
      actions={
        may('adduser') && (
          <Button kind="primary" onClick={() => setAdding(true)}>
            {labels.add}
          </Button>
        )
      }
    >
      <search class="filters">
        <TextField
          wide
          name="q"
          type="search"
          label={labels.search}
          placeholder={labels.searchHint}
          value={q}
          onChange={(value) => setFilters({ q: value })}
        />
        <SelectField
          name="realm"
          label={labels.realm}
          options={[['', labels.allRealms], ...names.map((name) => [name, name] as const)]}
          value={realm}
          onChange={(value) => setFilters({ realm: value })}
        />
      </search>
      <Card flush>
        {found.failure !== undefined && <FailureNotice failure={found.failure} onRetry={found.reload} />}
        {found.items === undefined ? found.failure === undefined && <Loading /> : <UserTable users={found.items} />}
      </Card>
      {found.more !== undefined && (
        <div class="row">
          <Button busy={found.isLoading} onClick={found.more}>
            {common().more}
          </Button>
        </div>
      )}
      {isAdding && <AddUser realms={names} realm={realm} onClose={() => setAdding(false)} />}
    </Page>
  )
}

function UserTable({ users }: { readonly users: readonly User[] }) {
  const { title, columns, empty } = t()
  return (
    <Table
      caption={title}
      rows={users}
      rowKey={({ username, realm }) => `${realm} ${username}`}
      empty={empty}
      columns={[
        { name: columns.login, of: ({ username, realm }) => <a href={userAddress(username, realm)}>{username}</a> },
        { name: columns.name, of: ({ givenname, surname }) => [givenname, surname].filter(Boolean).join(' ') },
        { name: columns.mail, of: ({ email }) => <span class="break">{email}</span> },
        { name: columns.realm, of: ({ realm }) => realm },
      ]}
    />
  )
}

function AddUser({
  realms,
  realm: given,
  onClose,
}: {
  readonly realms: readonly string[]
  readonly realm: string
  readonly onClose: () => void
}) {
  const [user, setUser] = useState('')
  const [chosenRealm, setRealm] = useState(given)
  const [names, setNames] = useState({ givenname: '', surname: '', email: '' })
  const { route } = useLocation()
  const realm = chosenRealm === '' ? (realms[0] ?? '') : chosenRealm
  const login = user.trim()
  const labels = t()
  const submit = async () => {
    // Adding one that exists would replace their names.
    const existing = await ask((nod) => call(nod, 'GET /user', { username: login, realm }))
    if (existing.ok && existing.value.some(({ username }) => username === login))
      return { ok: false as const, failure: existsFailure(labels.exists(login, realm)) }
    return existing.ok ? ask((nod) => addUser(nod, { user: login, realm, ...names })) : existing
  }
  return (
    <Dialog title={labels.add} onClose={onClose}>
      <Form
        submit={labels.create}
        cancel={common().cancel}
        onCancel={onClose}
        onSubmit={submit}
        onDone={() => {
          onClose()
          toast(labels.added(login))
          route(userAddress(login, realm))
        }}
      >
        <TextField name="user" label={labels.login} required autoFocus value={user} onChange={setUser} />
        <SelectField
          name="realm"
          label={labels.realm}
          options={realms.map((name) => [name, name] as const)}
          value={realm}
          onChange={setRealm}
        />
        <PersonFields value={names} onChange={setNames} />
      </Form>
    </Dialog>
  )
}

const existsFailure = (message: string) => ({
  kind: 'refused' as const,
  status: 400,
  code: 905,
  reason: 'parameter' as const,
  field: 'user',
  message,
})

type Names = Readonly<Record<'givenname' | 'surname' | 'email', string>>

/** Fields for what is recorded of a person. */
export const PersonFields = ({
  value,
  onChange,
}: {
  readonly value: Names
  readonly onChange: (value: Names) => void
}) => (
  <>
    {(['givenname', 'surname', 'email'] as const).map((name) => (
      <TextField
        key={name}
        name={name}
        type={name === 'email' ? 'email' : 'text'}
        label={t()[name]}
        value={value[name]}
        onChange={(text) => onChange({ ...value, [name]: text })}
      />
    ))}
  </>
)
