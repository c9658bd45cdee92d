import { useLocation, useRoute } from 'preact-iso'
import {
  call,
  type CallOptions,
  listTokens,
  listUsers,
  type Nod,
  type Outcome,
  searchTokens,
  type Token,
} from '../../../../client/src/index.ts'
import { address } from '../../address.ts'
import { ButtonLink } from '../../parts/button.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Loaded, Page } from '../../parts/page.tsx'
import { When } from '../../parts/values.tsx'
import { useQuery } from '../../query.ts'
import { may, session } from '../../session.ts'
import { BypassCode } from './bypass.tsx'
import { Holds } from './holds.tsx'
import { UserAudit, UserLogins } from './history.tsx'
import { Person } from './person.tsx'
import { Privacy } from './privacy.tsx'
import { UserTokens } from './user-tokens.tsx'
import type { Owner } from './owner.ts'
import { t } from './user-texts.ts'

/** The tokens of a user: none also of one who is not known. */
async function tokensOf(nod: Nod, owner: Owner, options: CallOptions): Promise<Outcome<readonly Token[]>> {
  const found = await listTokens(nod, { ...owner, pagesize: 50 }, options)
  if (found.ok) return { ok: true, value: found.value.tokens }
  const isUnknown = found.failure.kind === 'refused' && found.failure.reason === 'user_unknown'
  return isUnknown ? { ok: true, value: [] } : found
}

/** Everything about one user: who they are, what holds them up, their tokens, codes, logins and changes, and their data. A user of
 *  whom only tokens are known has this page as well. */
export default function UserPage() {
  const { params } = useRoute()
  const { route } = useLocation()
  const owner = { user: params['login'] ?? '', realm: params['realm'] ?? '' }
  const { user, realm } = owner
  const people = useQuery((nod, options) => listUsers(nod, { username: user, realm }, options), [owner])
  const tokens = useQuery((nod, options) => tokensOf(nod, owner, options), [owner])
  const invitations = useQuery(
    (nod, options) =>
      may('enrollPUSH') ? call(nod, 'GET /invitation', {}, options) : Promise.resolve({ ok: true as const, value: [] }),
    [owner],
  )
  const found = useQuery(
    (nod, options) => searchTokens(nod, { q: user, by: 'user', realm, limit: 50 }, options),
    [owner],
  )
  const reloadTokens = () => {
    tokens.reload()
    found.reload()
  }
  const person = people.value?.find(({ username }) => username === user)
  const own = (tokens.value ?? []).filter(({ username }) => username === user)
  const rows = (found.value?.tokens ?? []).filter((token) => token.user === user)
  const isUnknown = people.value !== undefined && person === undefined && tokens.value !== undefined && own.length === 0
  const invitation = invitations.value?.find(
    (one) => one.user === user && one.realm === realm && one.state !== 'registered',
  )
  const labels = t()
  const isAdmin = session.value?.role === 'admin'
  return (
    <Page
      title={user}
      lead={realm}
      back={[address('/users'), labels.back]}
      actions={
        may('enrollPUSH') && (
          <>
            <ButtonLink href={address('/invitations', owner)}>{labels.invite}</ButtonLink>
            <ButtonLink kind="primary" href={address('/enroll', owner)}>
              {labels.enroll}
            </ButtonLink>
          </>
        )
      }
    >
      {isUnknown && invitation === undefined && <Notice tone="warn">{labels.noPerson}</Notice>}
      {invitation !== undefined && (
        <Notice
          tone="info"
          title={labels.invited(invitation.invited_by)}
          action={
            <ButtonLink small kind="quiet" href={address('/invitations')}>
              {labels.invitations}
            </ButtonLink>
          }
        >
          {labels.until} <When at={invitation.expires_at} exact />.
        </Notice>
      )}
      <Loaded query={tokens}>{() => <Holds tokens={own} rows={rows} onDone={reloadTokens} />}</Loaded>
      {found.failure !== undefined && <FailureNotice failure={found.failure} onRetry={found.reload} />}
      <UserTokens rows={found.value === undefined ? undefined : rows} onDone={reloadTokens} />
      <div class="columns">
        <Loaded query={people}>{() => <Person owner={owner} person={person} onSaved={people.reload} />}</Loaded>
        {may('bypass_read') && <BypassCode owner={owner} />}
      </div>
      {may('logins_read') && <UserLogins owner={owner} />}
      {may('auditlog') && <UserAudit owner={owner} />}
      {isAdmin && <Privacy owner={owner} onErased={() => route(address('/users'))} />}
    </Page>
  )
}
