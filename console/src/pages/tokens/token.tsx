import { useRoute } from 'preact-iso'
import { pauseRings, resumeRings, setPin, showToken, type ShownToken } from '../../../../client/src/index.ts'
import { address } from '../../address.ts'
import { ButtonLink } from '../../parts/button.tsx'
import { ActionButton } from '../../parts/dialog.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Card, Empty, Loaded, Page } from '../../parts/page.tsx'
import { useQuery } from '../../query.ts'
import { ask, may } from '../../session.ts'
import { RingOnce } from '../enroll/ring-once.tsx'
import { type ActionName, TokenAction } from './actions.tsx'
import { SetPin } from './set-pin.tsx'
import { t as listTexts } from './texts.ts'
import { Details } from './token-details.tsx'
import { TokenAudit, TokenLogins } from './token-history.tsx'
import { StatusBadge } from './token-status.tsx'
import { t } from './token-texts.ts'

/** One token: its owner, its state and what that means, what one can do about it, and what it did. */
export default function TokenPage() {
  const { params } = useRoute()
  const serial = params['serial'] ?? ''
  const query = useQuery((nod, options) => showToken(nod, serial, options), [serial])
  const { notFound, back } = t()
  return (
    <Page title={serial} back={[address('/tokens'), back]} lead={query.value?.description}>
      <Loaded query={query}>
        {(token) =>
          token === undefined ? (
            <Empty action={<ButtonLink href={address('/tokens')}>{back}</ButtonLink>}>{notFound(serial)}</Empty>
          ) : (
            <>
              <State of={token} />
              <Actions token={token} onDone={query.reload} />
              <Details token={token} />
              {token.rollout_state === 'enrolled' && token.active && (
                <Card title={t().test}>
                  <RingOnce serial={serial} />
                </Card>
              )}
              {may('logins_read') && <TokenLogins serial={serial} />}
              {may('auditlog') && <TokenAudit serial={serial} />}
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

const State = ({ of: { status, counters } }: { readonly of: ShownToken }) => (
  <Notice>
    <span class="row">
      <StatusBadge of={status} />
      <span>{listTexts().meanings[status]}</span>
      {counters.failcount > 0 && <span class="quiet">{t().failures(counters.failcount, counters.maxfail)}</span>}
    </span>
  </Notice>
)

function Actions({
  token: { serial, status, active, revoked, user, realm, rings_paused_until: pausedUntil },
  onDone,
}: {
  readonly token: ShownToken
  readonly onDone: () => void
}) {
  const labels = t()
  const isPaused = pausedUntil !== null
  const isWaiting = status === 'waiting'
  const possible: readonly ActionName[] =
    revoked || isWaiting ? ['remove'] : [active ? 'disable' : 'enable', 'reset', 'revoke', 'remove']
  return (
    <div class="row">
      {!revoked && (
        <ButtonLink small href={address('/enroll', { user, realm, serial })}>
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
