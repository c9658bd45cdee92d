import { call, type ParametersOf } from '../../../../client/src/index.ts'
import { address } from '../../address.ts'
import { formatDuration, formatNumber } from '../../format.ts'
import { ButtonLink } from '../../parts/button.tsx'
import { Share } from '../../parts/share.tsx'
import { Badge, type Tone } from '../../parts/notice.tsx'
import { Card, Empty, Loaded } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { When } from '../../parts/values.tsx'
import { useQuery } from '../../query.ts'
import type { Overview } from './outcomes.ts'
import { t } from './texts.ts'

const time = (ms: number | null) => (ms === null ? '–' : formatDuration(ms))

/** The user's time would hide the others, and the sum is none of the parts. */
const isPart = (step: string): boolean => step !== 'human' && step !== 'system'

/** How long each step takes. */
export function Steps({ of }: { readonly of: Overview['steps'] }) {
  const { stepsText, step, stepNames, median, slowest, nothing, steps: title } = t()
  const measured = of.filter(({ count }) => count > 0)
  const longest = Math.max(1, ...measured.filter(({ step: one }) => isPart(one)).map(({ p99 }) => p99 ?? 0))
  return (
    <>
      <p class="quiet small">{stepsText}</p>
      <Table
        caption={title}
        rows={measured}
        rowKey={({ step: name }) => name}
        empty={nothing}
        columns={[
          {
            name: step,
            of: ({ step: name, p99 }) => (
              <span class="stack-tight">
                {stepNames[name]}
                {isPart(name) && <Share of={(p99 ?? 0) / longest} />}
              </span>
            ),
          },
          { name: median, kind: 'number', of: ({ p50 }) => time(p50) },
          { name: slowest, kind: 'number', of: ({ p99 }) => time(p99) },
        ]}
      />
    </>
  )
}

export function Services({ of, from }: { readonly of: Overview['logins']['services']; readonly from: string }) {
  const { services, service, noService, count, nothing } = t()
  const most = Math.max(1, ...of.map(({ total }) => total))
  return (
    <Table
      caption={services}
      rows={of}
      rowKey={({ service: name }) => name}
      empty={nothing}
      columns={[
        {
          name: service,
          of: ({ service: name, total }) => (
            <span class="stack-tight">
              {name === '' ? (
                <span class="quiet">{noService}</span>
              ) : (
                <a href={address('/logins', { from, service: name })}>{name}</a>
              )}
              <Share of={total / most} />
            </span>
          ),
        },
        { name: count, kind: 'number', of: ({ total }) => formatNumber(total) },
      ]}
    />
  )
}

export function Refusals({ of, from }: { readonly of: Overview['logins']['refusals']; readonly from: string }) {
  const { refusals, reason, count, nothing } = t()
  return (
    <Table
      caption={refusals}
      rows={of.slice(0, 8)}
      rowKey={({ reason: name }) => name}
      empty={nothing}
      columns={[
        { name: reason, of: ({ text }) => <a href={address('/logins', { from, outcome: 'refused' })}>{text}</a> },
        { name: count, kind: 'number', of: ({ count: many }) => formatNumber(many) },
      ]}
    />
  )
}

const TONES: Readonly<Record<Overview['deliveries'][number]['state'], Tone>> = {
  well: 'good',
  failing: 'warn',
  stopped: 'bad',
  unused: 'plain',
}

/** How messages get through to Google, for each Firebase configuration. */
export function Deliveries({ of }: { readonly of: Overview['deliveries'] }) {
  const { deliveries, firebase, delivered, failed, state, states, nothing } = t()
  return (
    <Table
      caption={deliveries}
      rows={of}
      rowKey={({ firebase: name }) => name}
      empty={nothing}
      columns={[
        {
          name: firebase,
          of: ({ firebase: name, failures }) => (
            <span class="stack-tight">
              {name}
              {failures.length > 0 && (
                <span class="quiet small break">
                  {failures.map(({ why, count }) => `${why}: ${formatNumber(count)}`).join(', ')}
                </span>
              )}
            </span>
          ),
        },
        { name: state, of: ({ state: one }) => <Badge tone={TONES[one]}>{states[one]}</Badge> },
        { name: delivered, kind: 'number', of: ({ delivered: many }) => formatNumber(many) },
        { name: failed, kind: 'number', of: ({ failed: many }) => formatNumber(many) },
      ]}
    />
  )
}

/** The newest logins that the filter finds. */
export function LoginList({
  title,
  filter,
  empty,
}: {
  readonly title: string
  readonly empty: string
  readonly filter: ParametersOf<'GET /report/logins'>
}) {
  const query = useQuery(
    (nod, options) => call(nod, 'GET /report/logins', { ...filter, pagesize: 5 }, options),
    [filter],
  )
  const { all, user, when, took } = t()
  const link = address(
    '/logins',
    Object.fromEntries(
      Object.entries(filter).map(([name, value]) => [name, value === undefined ? undefined : String(value)]),
    ),
  )
  return (
    <Card
      title={title}
      actions={
        <ButtonLink small href={link}>
          {all}
        </ButtonLink>
      }
    >
      <Loaded query={query}>
        {({ logins }) =>
          logins.length === 0 ? (
            <Empty>{empty}</Empty>
          ) : (
            <Table
              caption={title}
              rows={logins}
              rowKey={({ transaction_id: id, opened }) => `${id} ${opened}`}
              empty={empty}
              columns={[
                {
                  name: user,
                  of: ({ user: name, reason, transaction_id: id }) => (
                    <span class="stack-tight">
                      {id === '' ? name : <a href={address(`/logins/${id}`)}>{name}</a>}
                      <span class="quiet small">{reason}</span>
                    </span>
                  ),
                },
                { name: when, of: ({ opened }) => <When at={opened} /> },
                { name: took, kind: 'number', of: ({ system_ms: ms }) => time(ms) },
              ]}
            />
          )
        }
      </Loaded>
    </Card>
  )
}
