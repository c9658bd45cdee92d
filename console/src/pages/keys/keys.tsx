import { useState } from 'preact/hooks'
import {
  createServiceKey,
  listServiceKeys,
  revokeServiceKey,
  rotateServiceKey,
  type ServiceKey,
} from '../../../../client/src/index.ts'
import { useFilters } from '../../address.ts'
import { Button } from '../../parts/button.tsx'
import { ActionButton, Dialog } from '../../parts/dialog.tsx'
import { Form, SelectField, TextField } from '../../parts/form.tsx'
import { Badge } from '../../parts/notice.tsx'
import { Card, Loaded, Page } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { toast } from '../../parts/toast.tsx'
import { CopyButton, Secret, When } from '../../parts/values.tsx'
import { useQuery } from '../../query.ts'
import { ask } from '../../session.ts'
import { t as common } from '../../parts/texts.ts'
import { recipes } from './recipes.ts'
import { t } from './texts.ts'

const DAY_S = 86_400
const LIFETIMES = { forever: undefined, month: 30 * DAY_S, quarter: 90 * DAY_S, year: 365 * DAY_S } as const
const SOON_MS = 14 * DAY_S * 1000

/** The keys of services: made, rotated and revoked here. A key is shown once. */
export default function Keys() {
  const query = useQuery(listServiceKeys, [])
  const { filters } = useFilters(['new'])
  const [isAdding, setAdding] = useState(filters.new !== '')
  const [shown, setShown] = useState<{ readonly name: string; readonly key: string }>()
  const show = (name: string, key: string) => {
    setAdding(false)
    setShown({ name, key })
    query.reload()
  }
  const { title, lead, add, columns, roles, empty } = t()
  return (
    <Page
      title={title}
      lead={lead}
      actions={
        <Button kind="primary" onClick={() => setAdding(true)}>
          {add}
        </Button>
      }
    >
      <Card flush>
        <Loaded query={query}>
          {(keys) => (
            <Table
              caption={title}
              rows={keys}
              rowKey={({ name }) => name}
              empty={empty}
              columns={[
                { name: columns.name, of: ({ name }) => name },
                { name: columns.role, of: ({ role }) => roles[role] },
                { name: columns.used, of: ({ last_used_at: at }) => (at === null ? t().never : <When at={at} />) },
                { name: columns.expires, of: (key) => <Expiry of={key} /> },
                {
                  name: columns.actions,
                  kind: 'actions',
                  of: ({ name }) => (
                    <Actions name={name} onRotated={(key) => show(name, key)} onRevoked={query.reload} />
                  ),
                },
              ]}
            />
          )}
        </Loaded>
      </Card>
      {isAdding && <AddKey onClose={() => setAdding(false)} onAdded={show} />}
      {shown !== undefined && <ShownKey {...shown} onClose={() => setShown(undefined)} />}
    </Page>
  )
}

function Expiry({ of: { expires_at: at, earlier } }: { readonly of: ServiceKey }) {
  const valid = earlier.filter(({ expires_at: end }) => end > Date.now()).length
  const tone = at === null ? undefined : at < Date.now() ? 'bad' : at < Date.now() + SOON_MS ? 'warn' : undefined
  return (
    <div class="stack-tight">
      <span>
        {at === null ? t().never : <When at={at} />}{' '}
        {tone !== undefined && <Badge tone={tone}>{tone === 'bad' ? t().expired : t().soon}</Badge>}
      </span>
      {valid > 0 && <span class="quiet small">{t().earlier(valid)}</span>}
    </div>
  )
}

function Actions({
  name,
  onRotated,
  onRevoked,
}: {
  readonly name: string
  readonly onRotated: (key: string) => void
  readonly onRevoked: () => void
}) {
  const { rotate, rotateTitle, rotateText, revoke, revokeTitle, revokeText, revoked } = t()
  return (
    <div class="row row-end">
      <ActionButton
        quiet
        name={rotate}
        title={rotateTitle(name)}
        consequence={rotateText}
        work={() => ask((nod) => rotateServiceKey(nod, name))}
        onDone={({ key }) => onRotated(key)}
      />
      <ActionButton
        quiet
        kind="danger"
        name={revoke}
        title={revokeTitle(name)}
        consequence={revokeText}
        work={() => ask((nod) => revokeServiceKey(nod, name))}
        onDone={() => {
          toast(revoked(name))
          onRevoked()
        }}
      />
    </div>
  )
}

function AddKey({
  onClose,
  onAdded,
}: {
  readonly onClose: () => void
  readonly onAdded: (name: string, key: string) => void
}) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<ServiceKey['role']>('validate')
  const [lifetime, setLifetime] = useState<keyof typeof LIFETIMES>('year')
  const { addTitle, create, roles, lifetimes, ...labels } = t()
  const request = { name: name.trim(), role, expires_in: LIFETIMES[lifetime] }
  return (
    <Dialog title={addTitle} onClose={onClose}>
      <Form
        submit={create}
        cancel={common().cancel}
        onCancel={onClose}
        onSubmit={() => ask((nod) => createServiceKey(nod, request))}
        onDone={({ key }) => onAdded(request.name, key)}
      >
        <TextField
          name="name"
          label={labels.name}
          hint={labels.nameHint}
          required
          autoFocus
          value={name}
          onChange={setName}
        />
        <SelectField
          name="role"
          label={labels.role}
          options={[
            ['validate', roles.validate],
            ['helpdesk', roles.helpdesk],
            ['metrics', roles.metrics],
            ['admin', roles.admin],
          ]}
          value={role}
          onChange={(chosen) => setRole(chosen as ServiceKey['role'])}
        />
        <SelectField
          name="expires_in"
          label={labels.expires}
          options={[
            ['month', lifetimes.month],
            ['quarter', lifetimes.quarter],
            ['year', lifetimes.year],
            ['forever', lifetimes.forever],
          ]}
          value={lifetime}
          onChange={(chosen) => setLifetime(chosen as keyof typeof LIFETIMES)}
        />
      </Form>
    </Dialog>
  )
}

function ShownKey({
  name,
  key,
  onClose,
}: {
  readonly name: string
  readonly key: string
  readonly onClose: () => void
}) {
  const { created, createdTitle, settings, done } = t()
  return (
    <Dialog title={created(name)} wide covering>
      <Secret title={createdTitle} value={key} />
      <h3>{settings}</h3>
      <Tabs
        of={recipes(location.origin, key).map((recipe) => ({
          name: recipe.name,
          content: (
            <div class="stack-tight">
              <div class="row row-between">
                <span class="quiet small">{recipe.where}</span>
                <CopyButton value={recipe.text} />
              </div>
              <pre class="code-block" tabIndex={0}>
                {recipe.text}
              </pre>
            </div>
          ),
        }))}
      />
      <div class="row row-end">
        <Button kind="primary" onClick={onClose}>
          {done}
        </Button>
      </div>
    </Dialog>
  )
}
