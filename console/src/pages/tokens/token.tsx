import { useRoute } from 'preact-iso'
import {
  call,
  findToken,
  listAudit,
  pauseRings,
  resumeRings,
  setPin,
  type Token,
} from '../../../../client/src/index.ts'
import { address } from '../../address.ts'
import { wordsOf } from '../../audit-words.ts'
import { ButtonLink } from '../../parts/button.tsx'
import { ActionButton } from '../../parts/dialog.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Card, Empty, Facts, Loaded, Page } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { When } from '../../parts/values.tsx'
import { useQuery } from '../../query.ts'
import { ask } from '../../session.ts'
import { RingOnce } from '../enroll/ring-once.tsx'
import { type ActionName, TokenAction } from './actions.tsx'
import { SetPin } from './set-pin.tsx'
import { t as listTexts } from './texts.ts'
import { type FoundToken, StatusBadge } from './token-status.tsx'
import { t } from './token-texts.ts'

/** One token: its owner, its state and what that means, what one can do about it, and what it did. */
export default function TokenPage() {
  const { params } = useRoute()
  const serial = params['serial'] ?? ''
  const query = useQuery((nod, options) => findToken(nod, serial, options), [serial])
  const found = useQuery(
    (nod, options) => call(nod, 'GET /token/search', { q: serial, by: 'serial', limit: 1 }, options),
    [serial],
  )
  const row = found.value?.tokens.find((one) => one.serial === serial)
  const reload = () => {
    query.reload()
    found.reload()
  }
  const { notFound, back } = t()
  return (
    <Page title={serial} back={[address('/tokens'), back]} lead={row?.description}>
      <Loaded query={query}>
        {(token) =>
          token === undefined ? (
            <Empty action={<ButtonLink href={address('/tokens')}>{back}</ButtonLink>}>{notFound(serial)}</Empty>
          ) : (
            <>
              {row !== undefined && <State of={row} />}
              <Actions token={token} status={row?.status} onDone={reload} />
              <Details token={token} row={row} />
              {token.rollout_state === 'enrolled' && token.active && (
                <Card title={t().test}>
                  <RingOnce serial={serial} />
                </Card>
              )}
              <History serial={serial} />
            </>
          )
        }
      </Loaded>
      {found.failure !== undefined && <FailureNotice failure={found.failure} onRetry={found.reload} />}
    </Page>
  )
}

const State = ({ of: { status, failcount, maxfail } }: { readonly of: FoundToken }) => (
  <Notice>
    <span class="row">
      <StatusBadge of={status} />
      <span>{listTexts().meanings[status]}</span>
      {failcount > 0 && <span class="quiet">{t().failures(failcount, maxfail)}</span>}
    </span>
  </Notice>
)

function Actions({
  token: { serial, active, revoked, info, username, user_realm: realm },
  status,
  onDone,
}: {
  readonly token: Token
  readonly status: FoundToken['status'] | undefined
  readonly onDone: () => void
}) {
  const labels = t()
  const isPaused = info['rings_paused_until'] !== undefined
  const isWaiting = status === 'waiting'
  const possible: readonly ActionName[] =
    revoked || isWaiting ? ['remove'] : [active ? 'disable' : 'enable', 'reset', 'revoke', 'remove']
  return (
    <div class="row">
      {!revoked && (
        <ButtonLink small href={address('/enroll', { user: username, realm, serial })}>
          {isWaiting ? labels.showAgain : labels.enrollAgain}
        </ButtonLink>
      )}
      {!revoked && <SetPin serial={serial} work={(pin) => ask((nod) => setPin(nod, serial, pin))} />}
      {!revoked &&
        !isWaiting &&
        (isPaused ? (
          <ActionButton
            quiet
            name={labels.resume}
            title={labels.titleOf(labels.resume, serial)}
            consequence={labels.resumeText}
            work={() => ask((nod) => resumeRings(nod, serial))}
            onDone={onDone}
          />
        ) : (
          <ActionButton
            quiet
            name={labels.pause}
            title={labels.titleOf(labels.pause, serial)}
            consequence={labels.pauseText}
            work={() => ask((nod) => pauseRings(nod, serial, 60))}
            onDone={onDone}
          />
        ))}
      {possible.map((action) => (
        <TokenAction key={action} action={action} serials={[serial]} onDone={onDone} />
      ))}
    </div>
  )
}

/** Keys of the info that have their own place on the page. */
const SHOWN = ['rings_paused_until', 'public_key_smartphone', 'tokenkind', 'creation_date']
const TIMES = ['assignment_date', 'last_auth']

function Details({ token, row }: { readonly token: Token; readonly row: FoundToken | undefined }) {
  const labels = t()
  const { username, user_realm: realm, realms, info, tokentype } = token
  const named: Readonly<Record<string, string>> = labels.infos
  const others = Object.entries(info)
    .filter(([key]) => !SHOWN.includes(key))
    .map(
      ([key, value]) => [named[key] ?? key, TIMES.includes(key) ? <When key={key} at={value} exact /> : value] as const,
    )
  // What the app can do is in no list of tokens. The page is complete without it.
  const phones = useQuery(
    (nod, options) => call(nod, 'GET /report/phones', { serial: token.serial, why: '*' }, options),
    [token.serial],
  )
  const can = phones.value?.phones[0]?.capabilities
  return (
    <div class="columns">
      <Card title={labels.about}>
        <Facts
          of={[
            [
              labels.owner,
              username !== '' && (
                <a key="owner" href={address(`/users/${encodeURIComponent(realm)}/${encodeURIComponent(username)}`)}>
                  {username} ({realm})
                </a>
              ),
            ],
            [labels.realms, realms.filter((one) => one !== realm).join(', ')],
            [labels.app, row?.app ?? listTexts().apps[tokentype]],
            [labels.system, row?.system],
            [
              labels.capabilities,
              can?.map((one) => labels.abilities[one as keyof typeof labels.abilities] ?? one).join(', '),
            ],
            [labels.counter, `${token.failcount} / ${token.maxfail}`],
            [labels.used, row !== undefined && <When key="used" at={row.last_used_at} />],
            [labels.created, row !== undefined && <When key="created" at={row.created_at} exact />],
            [
              labels.unreachable,
              row?.unreachable_since !== null && row !== undefined && <When key="since" at={row.unreachable_since} />,
            ],
            [labels.paused, info['rings_paused_until'] && <When key="paused" at={info['rings_paused_until']} exact />],
          ]}
        />
      </Card>
      <Card title={labels.info}>
        <Facts of={others} />
      </Card>
    </div>
  )
}

function History({ serial }: { readonly serial: string }) {
  const query = useQuery((nod, options) => listAudit(nod, { serial, page_size: 10 }, options), [serial])
  const labels = t()
  return (
    <Card
      title={labels.history}
      actions={
        <ButtonLink small href={address('/audit', { serial })}>
          {labels.all}
        </ButtonLink>
      }
    >
      <Loaded query={query}>
        {({ auditdata }) => (
          <Table
            caption={labels.history}
            rows={auditdata}
            rowKey={({ number }) => number}
            empty={labels.nothing}
            columns={[
              { name: labels.what, of: wordsOf },
              { name: labels.when, of: ({ date }) => <When at={`${date}Z`} /> },
              { name: labels.by, of: ({ administrator, client }) => (administrator === '' ? client : administrator) },
            ]}
          />
        )}
      </Loaded>
    </Card>
  )
}
