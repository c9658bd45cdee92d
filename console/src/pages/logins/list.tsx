import { address } from '../../address.ts'
import { formatClock, formatDuration, formatNumber, formatTime, readTime } from '../../format.ts'
import { Table } from '../../parts/table.tsx'
import { Help } from './help.tsx'
import { nameOf } from './timeline.tsx'
import { OutcomeBadge } from './outcome.tsx'
import type { ListedLogin } from './tail.ts'
import { t } from './texts.ts'

/** Logins, the newest first. */
export function LoginTable({ of: logins, empty }: { readonly of: readonly ListedLogin[]; readonly empty: string }) {
  const { title, columns } = t()
  return (
    <Table
      caption={title}
      rows={logins}
      rowKey={keyOf}
      empty={empty}
      columns={[
        { name: columns.login, of: (login) => <Who of={login} /> },
        {
          name: columns.outcome,
          of: ({ outcome, last, count }) => (
            <span class="row">
              <OutcomeBadge of={outcome} last={last} />
              {count > 1 && <span class="quiet small">{t().times(formatNumber(count))}</span>}
            </span>
          ),
        },
        { name: columns.at, of: ({ opened }) => <Opened at={opened} /> },
        {
          name: columns.service,
          of: ({ service, address: from }) => (
            <span class="stack-tight">
              {service}
              <span class="quiet small">{from}</span>
            </span>
          ),
        },
        {
          name: columns.phone,
          of: ({ serial }) =>
            serial === '' ? null : (
              <span class="stack-tight">
                {serialsOf(serial).map((one) => (
                  <a key={one} class="small" href={address(`/tokens/${encodeURIComponent(one)}`)}>
                    {one}
                  </a>
                ))}
              </span>
            ),
        },
        { name: columns.system, kind: 'number', of: ({ system_ms: ms }) => timeOf(ms) },
        { name: columns.human, kind: 'number', of: ({ human_ms: ms }) => timeOf(ms) },
      ]}
    />
  )
}

const keyOf = ({ transaction_id: id, opened, user, cause }: ListedLogin): string =>
  id === '' ? `${opened} ${user} ${cause}` : id

/** The serials in a field of the API. */
export const serialsOf = (serial: string): readonly string[] => serial.split(',').filter((one) => one !== '')

const timeOf = (ms: number | null): string | null => (ms === null ? null : formatDuration(ms))

/** Whose it is and why it stands as it does. A request that was refused has no page of its own: what to do stands here. */
function Who({ of: login }: { readonly of: ListedLogin }) {
  const { transaction_id: id, user, realm, serial, outcome, cause, reason, advice, last, last_text: text } = login
  const name = user === '' ? t().nobody : user
  const isRunning = outcome === 'open' || (outcome === 'unfinished' && last === 'accepted')
  return (
    <span class="stack-tight">
      <span>
        {id === '' ? name : <a href={address(`/logins/${id}`)}>{name}</a>}
        {realm !== '' && <span class="quiet small"> {realm}</span>}
      </span>
      <span class="quiet small">
        {isRunning && last !== null && last !== undefined ? nameOf({ kind: last, text: text ?? '' }) : reason}
      </span>
      {id === '' && (
        <details class="small">
          <summary>{t().what}</summary>
          <Help of={{ user, realm, serials: serialsOf(serial), cause, advice }} />
        </details>
      )}
    </span>
  )
}

function Opened({ at }: { readonly at: string }) {
  const date = readTime(at)
  if (date === undefined) return <span class="quiet">–</span>
  const isToday = date.toDateString() === new Date().toDateString()
  return (
    <time class="number" dateTime={date.toISOString()} title={formatTime(date)}>
      {isToday ? formatClock(date) : formatTime(date)}
    </time>
  )
}
