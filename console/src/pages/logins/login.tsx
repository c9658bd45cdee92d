import { useRoute } from 'preact-iso'
import { useEffect } from 'preact/hooks'
import { call, type Failure, listAudit, timeline, type Timeline } from '../../../../client/src/index.ts'
import { address } from '../../address.ts'
import { ButtonLink } from '../../parts/button.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Card, Empty, Facts, Page } from '../../parts/page.tsx'
import { When } from '../../parts/values.tsx'
import { useQuery } from '../../query.ts'
import { SUCCESSES } from '../overview/outcomes.ts'
import { Help } from './help.tsx'
import { serialsOf } from './list.tsx'
import { t } from './login-texts.ts'
import { OutcomeBadge } from './outcome.tsx'
import { Picture } from './picture.tsx'
import { Steps, useSteps } from './timeline.tsx'
import { Withdraw } from './withdraw.tsx'

/** One login: its steps while they happen, where the time went, and what to do if it has failed. */
export default function LoginPage() {
  const { params } = useRoute()
  const id = params['id'] ?? ''
  const progress = useSteps(id)
  const { steps, end, stream } = progress
  const query = useQuery((nod, options) => timeline(nod, id, options), [id])
  // The figures are read again with each step.
  useEffect(() => {
    if (steps.length > 0) query.reload()
  }, [steps.length, end])
  const labels = t()
  const login = query.value
  const failure = stream.failure ?? (login === undefined ? query.failure : undefined)
  const serials = [...new Set(steps.flatMap(({ serial }) => serialsOf(serial)))]
  return (
    <Page
      title={login?.user ? `${labels.title}: ${login.user}` : labels.title}
      back={[address('/logins'), labels.back]}
    >
      {failure !== undefined ? (
        <Missing why={failure} onRetry={stream.retry} />
      ) : (
        <>
          {login !== undefined && (
            <State of={login} last={steps.at(-1)?.kind} serials={serials} onDone={query.reload} />
          )}
          <div class="columns">
            <Card title={labels.timeline}>
              <Steps of={progress} />
            </Card>
            {login !== undefined && Object.values(login.durations).some((ms) => ms !== null) && (
              <Card title={labels.picture}>
                <Picture of={login.durations} />
              </Card>
            )}
          </div>
          {login !== undefined && (
            <Card>
              <About login={login} id={id} serials={serials} isOpen={end === undefined && login.outcome === 'open'} />
            </Card>
          )}
        </>
      )}
    </Page>
  )
}

/** How it stands, why, and what to do. */
function State({
  of: login,
  last,
  serials,
  onDone,
}: {
  readonly of: Timeline
  readonly last: string | undefined
  readonly serials: readonly string[]
  readonly onDone: () => void
}) {
  const { outcome, reason, advice, cause, user, realm, transaction_id: id } = login
  const isRunning = outcome === 'open' || (outcome === 'unfinished' && last === 'accepted')
  const policies = usePolicies(id, !isRunning)
  return (
    <Card>
      <div class="row row-between">
        <span class="row">
          <OutcomeBadge of={outcome} last={last} />
          {!(isRunning && outcome !== 'open') && <span>{reason}</span>}
        </span>
        {isRunning && <Withdraw id={id} onDone={onDone} />}
      </div>
      {!isRunning && !SUCCESSES.includes(outcome) && (
        <Help of={{ user, realm, serials, cause, advice }} policies={policies} />
      )}
    </Card>
  )
}

/** The policies that decided about a login, as far as its audit names them and the account may read it. */
function usePolicies(id: string, isOver: boolean): readonly string[] {
  const query = useQuery((nod, options) => listAudit(nod, { transaction_id: id, page_size: 20 }, options), [id, isOver])
  const names = query.value?.auditdata.flatMap(({ policies }) => policies.split(',')) ?? []
  return [...new Set(names.map((name) => name.trim()).filter((name) => name !== ''))]
}

function About({
  login,
  id,
  serials,
  isOpen,
}: {
  readonly login: Timeline
  readonly id: string
  readonly serials: readonly string[]
  readonly isOpen: boolean
}) {
  const { facts, modes } = t()
  const asked = useQuery(
    (nod, options) => call(nod, 'GET /token/challenges', { transaction_id: id }, options),
    [id, isOpen],
  )
  const [challenge] = isOpen ? (asked.value?.challenges ?? []) : []
  const policies = usePolicies(id, !isOpen)
  const { user, realm, service, opened_by: openedBy, mode, steps } = login
  const [first] = steps
  const asks = challenge?.data.notification
  return (
    <Facts
      of={[
        [
          facts.user,
          user !== '' && (
            <a href={address(`/users/${encodeURIComponent(realm)}/${encodeURIComponent(user)}`)}>
              {user} <span class="quiet">{realm}</span>
            </a>
          ),
        ],
        [facts.service, service],
        [facts.openedBy, openedBy],
        [facts.address, first?.client],
        [facts.mode, mode !== null && modes[mode]],
        [
          facts.phones,
          serials.length > 0 && (
            <span class="row">
              {serials.map((serial) => (
                <a key={serial} href={address(`/tokens/${encodeURIComponent(serial)}`)}>
                  {serial}
                </a>
              ))}
            </span>
          ),
        ],
        [facts.asks, asks !== undefined && `${asks.title}: ${asks.question}`],
        [facts.opened, first !== undefined && <When at={`${first.time}Z`} exact />],
        [facts.until, challenge !== undefined && <When at={new Date(challenge.expiration).getTime()} exact />],
        [
          facts.policies,
          policies.length > 0 && (
            <span class="row">
              {policies.map((name) => (
                <a key={name} href={address(`/policies/${encodeURIComponent(name)}`)}>
                  {name}
                </a>
              ))}
            </span>
          ),
        ],
        [facts.id, <code key="id">{id}</code>],
      ]}
    />
  )
}

/** Why there is nothing to see. */
function Missing({ why, onRetry }: { readonly why: Failure; readonly onRetry: () => void }) {
  const labels = t()
  const back = <ButtonLink href={address('/logins')}>{labels.back}</ButtonLink>
  if (why.kind !== 'refused') return <FailureNotice failure={why} onRetry={onRetry} />
  if (why.status === 403)
    return (
      <Notice tone="warn" title={labels.forbidden} action={back}>
        {labels.forbiddenText}
      </Notice>
    )
  if (why.status !== 404) return <FailureNotice failure={why} onRetry={onRetry} />
  return (
    <Card>
      <Empty action={back}>
        <strong>{labels.unknown}</strong>
        <br />
        {labels.unknownText}
      </Empty>
    </Card>
  )
}
