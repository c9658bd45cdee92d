import { useLocation } from 'preact-iso'
import { useEffect, useState } from 'preact/hooks'
import {
  call,
  disablePolicy,
  enablePolicy,
  exportPolicies,
  type Failure,
  listPolicies,
  type Policy,
} from '../../../../client/src/index.ts'
import { address, useFilters } from '../../address.ts'
import { useDownload } from '../../download.ts'
import { Button, ButtonLink } from '../../parts/button.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { SelectField, TextField } from '../../parts/form.tsx'
import { Badge } from '../../parts/notice.tsx'
import { Card, Loaded, Page } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { toast } from '../../parts/toast.tsx'
import { useQuery } from '../../query.ts'
import { ask } from '../../session.ts'
import { Changes } from './changes.tsx'
import { NEW_POLICY, restrictionsOf } from './draft.ts'
import { Conflicts } from './conflicts.tsx'
import { ImportButton } from './import.tsx'
import { t } from './texts.ts'

/** Every policy, by scope, state and words; what contradicts; and what was changed. */
export default function Policies() {
  const { filters, setFilters } = useFilters(['q', 'scope', 'state', 'name'])
  const { route } = useLocation()
  // Links of the API name a policy: its page is further on.
  const { name: linked } = filters
  useEffect(() => {
    if (linked !== '') route(address(`/policies/${encodeURIComponent(linked)}`), true)
  }, [linked])
  const policies = useQuery((nod, options) => listPolicies(nod, {}, options), [])
  const conflicts = useQuery((nod, options) => call(nod, 'GET /deployment/policies/conflicts', {}, options), [])
  const [round, setRound] = useState(0)
  const [failure, setFailure] = useState<Failure>()
  const file = useDownload(exportPolicies, 'policies.cfg')
  const reload = () => {
    policies.reload()
    conflicts.reload()
    setRound(round + 1)
  }
  const turn = async (name: string, isOn: boolean, isUndo = false): Promise<void> => {
    const outcome = await ask((nod) => (isOn ? enablePolicy(nod, name) : disablePolicy(nod, name)))
    setFailure(outcome.ok ? undefined : outcome.failure)
    reload()
    if (!outcome.ok) return
    const text = isOn ? t().switchedOn(name) : t().switchedOff(name)
    toast(text, isUndo ? undefined : () => void turn(name, !isOn, true))
  }
  const { title, lead, scopes, ...labels } = t()
  const { q, scope, state } = filters
  return (
    <Page
      title={title}
      lead={lead}
      actions={
        <>
          <ImportButton known={(policies.value ?? []).map(({ name: one }) => one)} onDone={reload} />
          <Button busy={file.isBusy} onClick={file.download}>
            {labels.export}
          </Button>
          <ButtonLink kind="primary" href={address(NEW_POLICY)}>
            {labels.add}
          </ButtonLink>
        </>
      }
    >
      {conflicts.failure !== undefined && <FailureNotice failure={conflicts.failure} onRetry={conflicts.reload} />}
      <Conflicts of={conflicts.value ?? []} />
      <search class="filters">
        <TextField
          name="q"
          type="search"
          wide
          label={labels.search}
          placeholder={labels.searchHint}
          value={q}
          onChange={(value) => setFilters({ q: value })}
        />
        <SelectField
          name="scope"
          label={labels.scope}
          options={[['', labels.allScopes], ...Object.entries(scopes)]}
          value={scope}
          onChange={(value) => setFilters({ scope: value })}
        />
        <SelectField
          name="state"
          label={labels.state}
          options={[
            ['', labels.allStates],
            ['active', labels.active],
            ['inactive', labels.inactive],
          ]}
          value={state}
          onChange={(value) => setFilters({ state: value })}
        />
      </search>
      {failure !== undefined && <FailureNotice failure={failure} />}
      {file.failure !== undefined && <FailureNotice failure={file.failure} />}
      <Card flush>
        <Loaded query={policies}>
          {(all) => (
            <PolicyTable
              policies={all.filter((policy) => isShown(policy, q, scope, state))}
              empty={all.length === 0 ? labels.none : labels.empty}
              onTurn={(name, isOn) => void turn(name, isOn)}
            />
          )}
        </Loaded>
      </Card>
      <Changes round={round} />
    </Page>
  )
}

function isShown(policy: Policy, q: string, scope: string, state: string): boolean {
  const text = `${policy.name} ${policy.description ?? ''} ${Object.keys(policy.action).join(' ')} ${policy.user.join(' ')} ${policy.realm.join(' ')}`
  return (
    q
      .toLowerCase()
      .split(/\s+/)
      .every((word) => text.toLowerCase().includes(word)) &&
    (scope === '' || policy.scope === scope) &&
    (state === '' || policy.active === (state === 'active'))
  )
}

const settingsOf = ({ action }: Policy): string =>
  Object.entries(action)
    .map(([name, value]) => (value === true ? name : `${name}=${value}`))
    .join(', ')

function PolicyTable({
  policies,
  empty,
  onTurn,
}: {
  readonly policies: readonly Policy[]
  readonly empty: string
  readonly onTurn: (name: string, isOn: boolean) => void
}) {
  const { title, columns, scopes, everybody, active, inactive, on, off } = t()
  return (
    <Table
      caption={title}
      rows={policies}
      rowKey={({ name }) => name}
      empty={empty}
      columns={[
        {
          name: columns.name,
          of: ({ name, description }) => (
            <span class="stack-tight">
              <a href={address(`/policies/${encodeURIComponent(name)}`)}>{name}</a>
              {description !== null && <span class="quiet small break">{description}</span>}
            </span>
          ),
        },
        { name: columns.scope, of: ({ scope }) => scopes[scope as keyof typeof scopes] ?? scope },
        {
          name: columns.whom,
          of: (policy) => {
            const found = restrictionsOf(policy)
            return found.length === 0 ? everybody : <span class="small break">{found.join('; ')}</span>
          },
        },
        { name: columns.sets, of: (policy) => <span class="small break">{settingsOf(policy)}</span> },
        { name: columns.priority, kind: 'number', of: ({ priority }) => priority },
        {
          name: columns.state,
          of: (policy) => <Badge tone={policy.active ? 'good' : 'plain'}>{policy.active ? active : inactive}</Badge>,
        },
        {
          name: columns.switch,
          kind: 'actions',
          of: (policy) => (
            <Button small kind="quiet" onClick={() => onTurn(policy.name, !policy.active)}>
              {policy.active ? off : on}
              <span class="visually-hidden"> {policy.name}</span>
            </Button>
          ),
        },
      ]}
    />
  )
}
