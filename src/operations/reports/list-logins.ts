import type { LoginListQuery, LoginPage } from '../../ports/login-list.ts'
import { describeLogin } from '../../rules/login/describe-login.ts'
import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import { addSeconds, type Instant, seconds } from '../../vocabulary.ts'
import { authorizeOwnerRight, type Credential } from '../access/identify.ts'
import { ownerOf } from '../login/login-subject.ts'

/** A page of logins to list; without a time those of the last thirty days. */
export interface LoginListRequest extends Omit<LoginListQuery, 'from' | 'until' | 'owners'> {
  readonly from?: Instant | undefined
  readonly until?: Instant | undefined
  readonly user?: string | undefined
  readonly realm?: string | undefined
}

interface DescribedPage extends Omit<LoginPage, 'logins'> {
  readonly logins: readonly (LoginPage['logins'][number] & ReturnType<typeof describeLogin>)[]
}

const BY_DEFAULT = 30 * 86_400

/** Lists logins that have ended or were refused, the newest first, of users in realms that policies let the caller see; a user's own. It reads as many
 *  records of the audit as the page has logins where nothing is filtered, and at most 20,000, twice, in D1. Refuses: as `authorizeOwnerRight`; `right_missing`, `storage_unavailable`. */
export async function listLogins(
  ports: Ports,
  credential: Credential,
  { user, realm, from, until, ...query }: LoginListRequest,
): Promise<Outcome<DescribedPage>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'logins_read')
  if (!authorized.ok) return authorized
  const { user: self } = authorized.value
  const visible = self === undefined ? authorized.value.visibleRealms() : done(undefined)
  if (!visible.ok) return visible
  const end = until ?? addSeconds(ports.now(), seconds(1))
  const owner =
    self !== undefined || user === undefined
      ? self
      : ownerOf({ user, ...(realm === undefined ? {} : { realm }) }, authorized.value.snapshot)
  const wanted = owner ?? (realm === undefined ? undefined : { realm: realm.toLowerCase() })
  const owners = ownersOf(wanted, visible.value)
  if (owners?.length === 0) return done({ logins: [] })
  const start = from ?? addSeconds(end, seconds(-BY_DEFAULT))
  const page = await ports.loginList.page({ ...query, from: start, until: end, owners })
  if (!page.ok) return page
  const logins = page.value.logins.map((login) => ({ ...login, ...describeLogin(login.record, login.outcome) }))
  return done({ ...page.value, logins })
}

interface OwnerFilter {
  readonly realm: string
  readonly login?: string
}

/** Whose logins are listed; undefined: everybody's. */
function ownersOf(
  wanted: OwnerFilter | undefined,
  visible: readonly string[] | undefined,
): readonly OwnerFilter[] | undefined {
  if (wanted === undefined) return visible?.map((realm) => ({ realm }))
  return visible === undefined || visible.includes(wanted.realm) ? [wanted] : []
}
