import { useEffect } from 'preact/hooks'
import { call, type LiveLogin, type ValueOf } from '../../../../client/src/index.ts'
import { address } from '../../address.ts'
import { formatNumber } from '../../format.ts'
import { Badge } from '../../parts/notice.tsx'
import { Card, Loaded } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { When } from '../../parts/values.tsx'
import { useQuery } from '../../query.ts'
import type { Filters } from './filters.tsx'
import { t } from './texts.ts'
import { Withdraw } from './withdraw.tsx'

type Challenge = ValueOf<'GET /token/challenges'>['challenges'][number]

const PAGE_SIZE = 200
const EVERY_MS = 15_000

/** What phones are asked at the moment. `live` names whose logins they are, and what changes is read again. */
export function Asked({
  filters: { user, realm, service },
  live,
}: {
  readonly filters: Filters
  readonly live: ReadonlyMap<string, LiveLogin>
}) {
  const query = useQuery(
    (nod, options) =>
      call(
        nod,
        'GET /token/challenges',
        user === ''
          ? { pagesize: PAGE_SIZE, sortby: 'timestamp', sortdir: 'desc' }
          : { user, realm: realm || undefined },
        options,
      ),
    [user, realm],
    { every: EVERY_MS },
  )
  const version = [...live.values()].map(({ transaction_id: id, last }) => `${id} ${last}`).join()
  useEffect(query.reload, [version])
  const { asked, columns } = t()
  const isShown = ({ transaction_id: id }: Challenge): boolean => {
    const login = live.get(id)
    // The list keeps a challenge that was declined until its time is over.
    if (login !== undefined && login.outcome !== 'open' && login.last !== 'accepted') return false
    return (
      (service === '' || login?.service === service) && (realm === '' || login === undefined || login.realm === realm)
    )
  }
  return (
    <Loaded query={query}>
      {({ challenges, count }) => (
        <>
          <Card flush>
            <Table
              caption={asked.title}
              rows={challenges.filter(isShown)}
              rowKey={({ transaction_id: id, serial }) => `${id} ${serial}`}
              empty={asked.empty}
              columns={[
                {
                  name: columns.login,
                  of: ({ transaction_id: id }) => (
                    <span class="stack-tight">
                      <a href={address(`/logins/${id}`)}>{live.get(id)?.user || id}</a>
                      <span class="quiet small">{live.get(id)?.service}</span>
                    </span>
                  ),
                },
                {
                  name: asked.shows,
                  of: ({ data }) => (
                    <span class="stack-tight">
                      {data.notification?.title}
                      <span class="quiet small break">
                        {data.notice === undefined ? data.notification?.question : asked.notices}
                      </span>
                    </span>
                  ),
                },
                {
                  name: asked.phone,
                  of: ({ serial }) => <a href={address(`/tokens/${encodeURIComponent(serial)}`)}>{serial}</a>,
                },
                { name: asked.since, of: ({ timestamp }) => <When at={new Date(timestamp).getTime()} /> },
                { name: asked.until, of: ({ expiration }) => <When at={new Date(expiration).getTime()} /> },
                { name: asked.state, of: (challenge) => <State of={challenge} /> },
                {
                  name: t().withdraw,
                  kind: 'actions',
                  of: ({ transaction_id: id }) => <Withdraw id={id} onDone={query.reload} />,
                },
              ]}
            />
          </Card>
          {count > challenges.length && <p class="quiet small">{asked.count(formatNumber(count))}</p>}
        </>
      )}
    </Loaded>
  )
}

const State = ({ of: { otp_received: isAccepted, data } }: { readonly of: Challenge }) => {
  const { asked } = t()
  if (isAccepted) return <Badge tone="good">{asked.accepted}</Badge>
  return data.smartphone_confirmed === true ? (
    <Badge tone="info">{asked.shown}</Badge>
  ) : (
    <Badge tone="info">{asked.waits}</Badge>
  )
}
