import { useEffect, useState } from 'preact/hooks'
import { call, listRealms } from '../../../../client/src/index.ts'
import { address, useFilters } from '../../address.ts'
import { formatNumber } from '../../format.ts'
import { Button, ButtonLink } from '../../parts/button.tsx'
import { SelectField, TextField } from '../../parts/form.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { Card, Loading, Page } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { t as common } from '../../parts/texts.ts'
import { When } from '../../parts/values.tsx'
import { usePages } from '../../pages-query.ts'
import { useQuery } from '../../query.ts'
import { type ActionName, TokenAction } from './actions.tsx'
import { t } from './texts.ts'
import { type FoundToken, StatusBadge, STATUSES } from './token-status.tsx'

const SEVERAL: readonly ActionName[] = ['enable', 'disable', 'reset', 'remove']

/** Every token, found by the beginning of user, serial or description. */
export default function Tokens() {
  const { filters, setFilters } = useFilters(['q', 'realm', 'status'])
  const { q, realm, status } = filters
  const found = usePages(
    (nod, cursor, options) =>
      call(nod, 'GET /token/search', { q, realm, status: status || undefined, cursor }, options),
    ({ tokens }) => tokens,
    [q, realm, status],
  )
  const realms = useQuery(listRealms, [])
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => setChosen(new Set()), [q, realm, status])
  const choose = (serial: string, isChosen: boolean) => {
    const next = new Set(chosen)
    if (isChosen) next.add(serial)
    else next.delete(serial)
    setChosen(next)
  }
  const reload = () => {
    setChosen(new Set())
    found.reload()
  }
  const { title, lead, enroll, search, searchHint, allRealms, allStates, states, ...labels } = t()
  const { count, count_is_exact: isExact = true } = found.first ?? {}
  const shown = found.items?.map(({ serial }) => serial) ?? []
  return (
    <Page
      title={title}
      lead={lead}
      actions={
        <ButtonLink kind="primary" href={address('/enroll')}>
          {enroll}
        </ButtonLink>
      }
    >
      <search class="filters">
        <TextField
          name="q"
          type="search"
          wide
          label={search}
          placeholder={searchHint}
          value={q}
          onChange={(value) => setFilters({ q: value })}
        />
        <SelectField
          name="realm"
          label={labels.realm}
          options={[['', allRealms], ...Object.keys(realms.value ?? {}).map((name) => [name, name] as const)]}
          value={realm}
          onChange={(value) => setFilters({ realm: value })}
        />
        <SelectField
          name="status"
          label={labels.status}
          options={[['', allStates], ...STATUSES.map((one) => [one, states[one]] as const)]}
          value={status}
          onChange={(value) => setFilters({ status: value })}
        />
      </search>
      <div class={chosen.size > 0 ? 'row row-between chosen' : 'row row-between'}>
        <span class="quiet small" role="status">
          {count === undefined ? '' : labels.count(formatNumber(count), isExact)}
        </span>
        <div class="row">
          {chosen.size > 0 && (
            <>
              <span>{labels.chosen(chosen.size)}</span>
              {SEVERAL.map((action) => (
                <TokenAction key={action} action={action} serials={[...chosen]} onDone={reload} />
              ))}
              <Button small kind="quiet" onClick={() => setChosen(new Set())}>
                {labels.clear}
              </Button>
            </>
          )}
          {chosen.size < shown.length && (
            <Button small kind="quiet" onClick={() => setChosen(new Set(shown))}>
              {labels.chooseAll(shown.length)}
            </Button>
          )}
        </div>
      </div>
      <Card flush>
        {found.failure !== undefined && <FailureNotice failure={found.failure} onRetry={found.reload} />}
        {found.items === undefined ? (
          found.failure === undefined && <Loading />
        ) : (
          <TokenTable tokens={found.items} chosen={chosen} onChoose={choose} />
        )}
      </Card>
      <p class="quiet small">{labels.usedNote}</p>
      {found.more !== undefined && (
        <div class="row">
          <Button busy={found.isLoading} onClick={found.more}>
            {common().more}
          </Button>
        </div>
      )}
    </Page>
  )
}

function TokenTable({
  tokens,
  chosen,
  onChoose,
}: {
  readonly tokens: readonly FoundToken[]
  readonly chosen: ReadonlySet<string>
  readonly onChoose: (serial: string, isChosen: boolean) => void
}) {
  const { title, columns, empty, nobody, never, choose, apps } = t()
  return (
    <Table
      caption={title}
      rows={tokens}
      rowKey={({ serial }) => serial}
      empty={empty}
      columns={[
        {
          name: columns.serial,
          of: ({ serial, description }) => (
            <span class="stack-tight">
              <a href={address(`/tokens/${encodeURIComponent(serial)}`)}>{serial}</a>
              {description !== '' && <span class="quiet small break">{description}</span>}
            </span>
          ),
        },
        {
          name: columns.owner,
          of: ({ user, realm }) =>
            user === '' ? (
              <span class="quiet">{nobody}</span>
            ) : (
              <span class="stack-tight">
                <a href={address(`/users/${encodeURIComponent(realm)}/${encodeURIComponent(user)}`)}>{user}</a>
                <span class="quiet small">{realm}</span>
              </span>
            ),
        },
        { name: columns.status, of: ({ status }) => <StatusBadge of={status} /> },
        {
          name: columns.app,
          of: ({ app, system, type }) => (
            <span class="stack-tight">
              <span>{app ?? apps[type]}</span>
              {system !== null && <span class="quiet small">{system}</span>}
            </span>
          ),
        },
        {
          name: columns.used,
          of: ({ last_used_at: at }) => (at === null ? <span class="quiet">{never}</span> : <When at={at} />),
        },
        {
          name: columns.choose,
          kind: 'actions',
          of: ({ serial }) => (
            <label class="choice">
              <span class="only-narrow" aria-hidden="true">
                {columns.choose}
              </span>
              <input
                type="checkbox"
                aria-label={choose(serial)}
                checked={chosen.has(serial)}
                onChange={(event) => onChoose(serial, event.currentTarget.checked)}
              />
            </label>
          ),
        },
      ]}
    />
  )
}
