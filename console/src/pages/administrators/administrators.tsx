import { useState } from 'preact/hooks'
import {
  type Administrator,
  deleteAdministrator,
  disableAdministrator,
  enableAdministrator,
  listAdministrators,
  type Nod,
  type Outcome,
  requirePhone,
} from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { ActionButton } from '../../parts/dialog.tsx'
import { Badge } from '../../parts/notice.tsx'
import { Card, Loaded, Page } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { When } from '../../parts/values.tsx'
import { useQuery } from '../../query.ts'
import { ask, session } from '../../session.ts'
import { AddAdministrator, ChangePassword } from './forms.tsx'
import { OwnPhone } from './own-phone.tsx'
import { t } from './texts.ts'

type Open = 'add' | 'password' | 'phone'

/** Who may sign in, with which role and second factor; and one's own password and phone. */
export default function Administrators() {
  const query = useQuery(listAdministrators, [])
  const [open, setOpen] = useState<Open>()
  const labels = t()
  const { columns, roles } = labels
  const close = () => setOpen(undefined)
  return (
    <Page
      title={labels.title}
      lead={labels.lead}
      actions={
        <>
          <Button onClick={() => setOpen('password')}>{labels.ownPassword}</Button>
          <Button onClick={() => setOpen('phone')}>{labels.ownPhone}</Button>
          <Button kind="primary" onClick={() => setOpen('add')}>
            {labels.add}
          </Button>
        </>
      }
    >
      <Card flush>
        <Loaded query={query}>
          {(administrators) => (
            <Table
              caption={labels.title}
              rows={administrators}
              rowKey={({ login }) => login}
              empty=""
              columns={[
                {
                  name: columns.login,
                  of: ({ login, configured }) => (
                    <span class="stack-tight">
                      <span>{login}</span>
                      {configured && <span class="quiet small">{labels.configured}</span>}
                    </span>
                  ),
                },
                { name: columns.role, of: ({ role }) => roles[role] },
                {
                  name: columns.factor,
                  of: ({ phone_required: isRequired, has_phone: hasPhone }) => (
                    <span class="stack-tight">
                      <span>{isRequired ? labels.required : labels.optional}</span>
                      <span class="quiet small">{hasPhone ? labels.hasPhone : labels.noPhone}</span>
                    </span>
                  ),
                },
                {
                  name: columns.state,
                  of: ({ disabled, created_at: at }) => (
                    <span class="stack-tight">
                      <Badge tone={disabled ? 'plain' : 'good'}>{disabled ? labels.disabled : labels.active}</Badge>
                      {at !== null && (
                        <span class="quiet small">
                          {labels.added} <When at={at} />
                        </span>
                      )}
                    </span>
                  ),
                },
                {
                  name: columns.actions,
                  kind: 'actions',
                  of: (administrator) => <Actions of={administrator} onDone={query.reload} />,
                },
              ]}
            />
          )}
        </Loaded>
      </Card>
      {open === 'add' && <AddAdministrator onClose={close} onAdded={query.reload} />}
      {open === 'password' && <ChangePassword onClose={close} />}
      {open === 'phone' && <OwnPhone onClose={close} />}
    </Page>
  )
}

function Actions({
  of: { login, disabled, phone_required: isRequired },
  onDone,
}: {
  readonly of: Administrator
  readonly onDone: () => void
}) {
  const labels = t()
  const isOneself = session.value?.login === login
  const action = (
    name: string,
    text: string,
    work: (nod: Nod) => Promise<Outcome<unknown>>,
    kind: 'primary' | 'danger' = 'primary',
  ) => (
    <ActionButton
      quiet
      kind={kind}
      name={name}
      title={labels.titleOf(name, login)}
      consequence={text}
      work={() => ask(work)}
      onDone={onDone}
    />
  )
  return (
    <div class="row row-end">
      {isRequired
        ? action(labels.unrequire, labels.unrequireText, (nod) => requirePhone(nod, login, false))
        : action(labels.require, labels.requireText, (nod) => requirePhone(nod, login, true))}
      {!isOneself &&
        (disabled
          ? action(labels.enable, labels.enableText, (nod) => enableAdministrator(nod, login))
          : action(labels.disable, labels.disableText, (nod) => disableAdministrator(nod, login), 'danger'))}
      {!isOneself && action(labels.remove, labels.removeText, (nod) => deleteAdministrator(nod, login), 'danger')}
    </div>
  )
}
