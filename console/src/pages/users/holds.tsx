import type { ComponentChildren } from 'preact'
import { resumeRings, type Token } from '../../../../client/src/index.ts'
import { address } from '../../address.ts'
import { readTime } from '../../format.ts'
import { ButtonLink } from '../../parts/button.tsx'
import { ActionButton } from '../../parts/dialog.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Card } from '../../parts/page.tsx'
import { When } from '../../parts/values.tsx'
import { ask } from '../../session.ts'
import { TokenAction } from '../tokens/actions.tsx'
import { t as tokenTexts } from '../tokens/token-texts.ts'
import type { FoundToken } from '../tokens/token-status.tsx'
import { t } from './user-texts.ts'

type HoldName = keyof ReturnType<typeof t>['holds']

interface Hold {
  readonly serial: string
  readonly name: HoldName
  readonly since?: string | number | undefined
  readonly until?: string | undefined
}

/** What stops or slows logins with a token. */
function holdsOf({ serial, info, ...token }: Token, row: FoundToken | undefined): readonly Hold[] {
  const at = (name: string) => readTime(info[name])?.getTime()
  const isBelow = (count: string, most: string) =>
    info[most] === undefined || Number(info[count] ?? 0) < Number(info[most])
  if (token.revoked) return [{ serial, name: 'revoked' }]
  if (token.rollout_state === 'clientwait') return [{ serial, name: 'waiting' }]
  const now = Date.now()
  const found: readonly (Hold | false)[] = [
    !token.active && { serial, name: 'disabled' },
    token.failcount >= token.maxfail && { serial, name: 'locked', since: info['failcounter_exceeded'] },
    info['pin_suspended'] !== undefined && { serial, name: 'pin_suspended', since: info['pin_suspended'] },
    info['pin_suspended'] === undefined &&
      info['fraud_reported'] !== undefined && { serial, name: 'fraud_reported', since: info['fraud_reported'] },
    (at('rings_paused_until') ?? 0) > now && { serial, name: 'rings_paused', until: info['rings_paused_until'] },
    (at('validity_period_start') ?? 0) > now && { serial, name: 'not_begun', until: info['validity_period_start'] },
    (at('validity_period_end') ?? Infinity) < now && { serial, name: 'ended', since: info['validity_period_end'] },
    !(isBelow('count_auth', 'count_auth_max') && isBelow('count_auth_success', 'count_auth_success_max')) && {
      serial,
      name: 'used_up',
    },
    row?.status === 'unreachable' && { serial, name: 'unreachable', since: row.unreachable_since ?? undefined },
  ]
  return found.filter((one) => one !== false)
}

/** States in which the token is a choice of somebody, or nothing to mend at once. */
const MILD: readonly HoldName[] = ['waiting', 'rings_paused', 'unreachable', 'not_begun', 'revoked']

/** What holds the user up now, each with what ends it. */
export function Holds({
  tokens,
  rows,
  onDone,
}: {
  readonly tokens: readonly Token[]
  readonly rows: readonly FoundToken[]
  readonly onDone: () => void
}) {
  const labels = t()
  const holds = tokens.flatMap((token) =>
    holdsOf(
      token,
      rows.find(({ serial }) => serial === token.serial),
    ),
  )
  return (
    <Card title={labels.now}>
      {holds.length === 0 && (
        <Notice tone={tokens.length === 0 ? 'warn' : 'good'}>
          {tokens.length === 0 ? labels.noPhone : labels.nothingHolds}
        </Notice>
      )}
      {holds.map(({ serial, name, since, until }) => (
        <Notice
          key={`${serial} ${name}`}
          tone={MILD.includes(name) ? 'info' : 'bad'}
          title={labels.holds[name](serial)}
          action={<Remedy serial={serial} name={name} onDone={onDone} />}
        >
          {since !== undefined && (
            <>
              {labels.since} <When at={since} exact />.{' '}
            </>
          )}
          {until !== undefined && (
            <>
              {labels.until} <When at={until} exact />.
            </>
          )}
        </Notice>
      ))}
    </Card>
  )
}

/** What ends it, where an action does; else the token's page. */
function Remedy({
  serial,
  name,
  onDone,
}: {
  readonly serial: string
  readonly name: HoldName
  readonly onDone: () => void
}): ComponentChildren {
  const { resume, resumeText, titleOf } = tokenTexts()
  if (name === 'disabled') return <TokenAction action="enable" serials={[serial]} onDone={onDone} />
  if (name === 'locked' || name === 'pin_suspended' || name === 'fraud_reported')
    return <TokenAction action="reset" serials={[serial]} onDone={onDone} />
  if (name === 'rings_paused')
    return (
      <ActionButton
        quiet
        name={resume}
        title={titleOf(resume, serial)}
        consequence={resumeText}
        work={() => ask((nod) => resumeRings(nod, serial))}
        onDone={onDone}
      />
    )
  return (
    <ButtonLink small kind="quiet" href={address(`/tokens/${encodeURIComponent(serial)}`)}>
      {t().look}
    </ButtonLink>
  )
}
