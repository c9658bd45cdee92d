import { useState } from 'preact/hooks'
import { type AuditEntry, type AuditFilter, auditCsv, auditHead, listAudit } from '../../../../client/src/index.ts'
import { address, useFilters } from '../../address.ts'
import { detailsOf, resultOf, wordsOf } from '../../audit-words.ts'
import { formatNumber } from '../../format.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { SelectField, TextField } from '../../parts/form.tsx'
import { Badge, Notice } from '../../parts/notice.tsx'
import { Card, Facts, Loaded, Page } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { t as common } from '../../parts/texts.ts'
import { Copyable, When } from '../../parts/values.tsx'
import { useDownload } from '../../download.ts'
import { useQuery } from '../../query.ts'
import { t } from './texts.ts'

const NAMES = ['user', 'serial', 'administrator', 'service', 'action', 'success', 'timelimit', 'page'] as const
const TYPED = ['user', 'serial', 'administrator', 'service', 'action'] as const
const PAGE_SIZE = 50

/** Every login and every change, with filters, as a file, and the proof that nothing was changed. */
export default function Audit() {
  const { filters, setFilters } = useFilters(NAMES)
  const [isProving, setProving] = useState(false)
  const { page, ...given } = filters
  // What is typed is taken for a beginning.
  const filter: AuditFilter = Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [
        name,
        (TYPED as readonly string[]).includes(name) && !value.includes('*') ? `${value}*` : value,
      ]),
  )
  const query = useQuery(
    (nod, options) => listAudit(nod, { ...filter, page: page || 1, page_size: PAGE_SIZE }, options),
    [filters],
  )
  const file = useDownload((nod, options) => auditCsv(nod, filter, options), 'audit.csv')
  const labels = t()
  const change = (name: (typeof NAMES)[number]) => (value: string) => setFilters({ [name]: value, page: '' })
  return (
    <Page
      title={labels.title}
      lead={labels.lead}
      actions={
        <>
          <Button onClick={() => setProving(true)}>{labels.proof}</Button>
          <Button busy={file.isBusy} onClick={file.download}>
            {labels.download}
          </Button>
        </>
      }
    >
      {file.failure !== undefined && <FailureNotice failure={file.failure} />}
      <search class="filters">
        {TYPED.map((name) => (
          <TextField
            key={name}
            name={name}
            type="search"
            label={labels[name]}
            value={filters[name]}
            onChange={change(name)}
          />
        ))}
        <SelectField
          name="success"
          label={labels.success}
          options={[
            ['', labels.all],
            ['1', labels.succeeded],
            ['0', labels.failed],
          ]}
          value={filters.success}
          onChange={change('success')}
        />
        <SelectField
          name="timelimit"
          label={labels.since}
          options={Object.entries(labels.spans)}
          value={filters.timelimit}
          onChange={change('timelimit')}
        />
      </search>
      <p class="quiet small">{labels.wildcard}</p>
      <Loaded query={query}>
        {({ auditdata, count, current, next, prev }) => (
          <>
            {auditdata.some(({ sig_check: signature }) => signature === 'FAIL') && (
              <Notice tone="bad">{labels.tampered}</Notice>
            )}
            <Card flush>
              <Entries of={auditdata} />
            </Card>
            <div class="row row-between">
              <span class="quiet small">
                {labels.page(
                  formatNumber(current),
                  formatNumber(Math.max(1, Math.ceil(count / PAGE_SIZE))),
                  formatNumber(count),
                )}
              </span>
              <div class="row">
                <Button disabled={prev === null} onClick={() => setFilters({ page: String(prev ?? 1) })}>
                  {labels.newer}
                </Button>
                <Button disabled={next === null} onClick={() => setFilters({ page: String(next ?? 1) })}>
                  {labels.older}
                </Button>
              </div>
            </div>
          </>
        )}
      </Loaded>
      {isProving && <Proof onClose={() => setProving(false)} />}
    </Page>
  )
}

const Entries = ({ of }: { readonly of: readonly AuditEntry[] }) => {
  const { title, columns, empty } = t()
  return (
    <Table
      caption={title}
      rows={of}
      rowKey={({ number }) => number}
      empty={empty}
      columns={[
        {
          name: columns.action,
          of: (entry) => (
            <span class="stack-tight">
              <span>{wordsOf(entry)}</span>
              <span class="quiet small break">{detailsOf(entry)}</span>
            </span>
          ),
        },
        { name: columns.date, of: ({ date }) => <When at={`${date}Z`} exact /> },
        { name: columns.who, of: (entry) => <Who of={entry} /> },
        { name: columns.whom, of: (entry) => <Whom of={entry} /> },
        {
          name: columns.result,
          of: (entry) => {
            const [word, tone] = resultOf(entry)
            return <Badge tone={tone}>{word}</Badge>
          },
        },
        {
          name: columns.from,
          of: ({ client, user_agent: agent }) => (
            <span class="stack-tight">
              <span>{client}</span>
              <span class="quiet small">{agent}</span>
            </span>
          ),
        },
      ]}
    />
  )
}

const Who = ({ of: { administrator, action_detail: detail } }: { readonly of: AuditEntry }) => {
  const service = /service: ([^,]+)/.exec(detail)?.[1]
  return <span>{administrator === '' ? service : administrator}</span>
}

const Whom = ({ of: { user, realm, serial } }: { readonly of: AuditEntry }) => (
  <span class="stack-tight">
    {user !== '' && <a href={address(`/users/${encodeURIComponent(realm)}/${encodeURIComponent(user)}`)}>{user}</a>}
    {serial !== '' && (
      <a class="small" href={address(`/tokens/${encodeURIComponent(serial)}`)}>
        {serial}
      </a>
    )}
  </span>
)

function Proof({ onClose }: { readonly onClose: () => void }) {
  const query = useQuery(auditHead, [])
  const { proof, proofText, head, headAt } = t()
  return (
    <Dialog title={proof} onClose={onClose} wide>
      <p>{proofText}</p>
      <pre class="code-block" tabIndex={0}>
        npm run nod -- verify-audit --head head.json
      </pre>
      <Loaded query={query}>
        {({ head: signed, at, numbers }) => (
          <div class="stack">
            <Facts
              of={[
                [head, <When key="at" at={at} exact />],
                [headAt, formatNumber(numbers.catalogue + numbers.bypass)],
              ]}
            />
            <Copyable value={signed} />
          </div>
        )}
      </Loaded>
      <div class="row row-end">
        <Button onClick={onClose}>{common().close}</Button>
      </div>
    </Dialog>
  )
}
