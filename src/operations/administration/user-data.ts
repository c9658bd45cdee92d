/** Everything that Nod knows of one user: exported, and erased. */
import type { RawRow } from '../../ports/audit.ts'
import type { Invitation } from '../../ports/invitations.ts'
import type { BypassCode } from '../../ports/bypass-codes.ts'
import type { CountedNames } from '../../ports/counter-object.ts'
import type { ErasureProgress, ReportedChange } from '../../ports/journal-object.ts'
import type { PhoneCounters } from '../../vocabulary/phones.ts'
import type { ImportTrace } from '../../ports/user-data.ts'
import type { Ports } from '../../ports/ports.ts'
import type { TokenRecord } from '../../ports/tokens.ts'
import type { ListedChallenge } from '../../ports/transactions-object.ts'
import type { RecordCursor, UserDataRequest } from '../../protocol/administration/user-data.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { userCounters, userDigestText } from '../../rules/deployment/user-counters.ts'
import { fullNamesOf, policiesNaming, type TracedRecord, userFieldsOf } from '../../rules/deployment/user-traces.ts'
import type { Owner, Person, Source, TransactionId } from '../../vocabulary.ts'
import type { SecurityEvent } from '../../vocabulary/security-events.ts'
import { authorizeUserChange } from '../access/authorize-owner-change.ts'
import { authorizeOwnerRight, type Credential } from '../access/identify.ts'
import { digest } from '../access/digest.ts'
import { findSubject, ownerOf } from '../login/login-subject.ts'
import { findTransaction } from '../login/transaction-address.ts'

/** A token of the user, with what its phone's object counts. */
export interface ExportedToken {
  readonly token: TokenRecord
  readonly counters: PhoneCounters | undefined
  readonly openLogins: readonly ListedChallenge[]
}

export interface UserExport {
  readonly owner: Owner
  /** Absent on a page that goes on with the records. */
  readonly first?: {
    readonly person: Person | undefined
    readonly tokens: readonly ExportedToken[]
    readonly bypassCode: BypassCode | undefined
    readonly invitations: readonly Invitation[]
    readonly imports: readonly ImportTrace[]
    readonly counted: readonly CountedNames[]
    readonly changes: readonly ReportedChange[]
    /** Those that webhooks are still to get. */
    readonly events: readonly SecurityEvent[]
    readonly policies: readonly string[]
  }
  /** Records of the audit that are about the user. */
  readonly records: readonly RawRow[]
  readonly next?: RecordCursor | undefined
}

/** Returns everything that Nod has of a user, with the first page of the audit records about them; with a cursor, only the next
 *  page. Records that a shard has not handed over yet come with the open logins. Refuses: as `authorizeOwnerRight`;
 *  `right_missing`; `storage_unavailable`, `archive_unavailable`. */
export async function exportUser(
  ports: Ports,
  credential: Credential,
  { user, realm, after }: UserDataRequest & { readonly after?: RecordCursor },
): Promise<Outcome<UserExport>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'userdata_read')
  if (!authorized.ok) return authorized
  const { snapshot } = authorized.value
  const owner = ownerOf({ user, realm }, snapshot)
  const permitted = authorized.value.authorizeFor(owner)
  if (!permitted.ok) return permitted
  const found = await findSubject(ports, { user: owner.login, realm: owner.realm }, owner)
  if (!found.ok) return found
  const serials = found.value.tokens.map(({ serial }) => serial)
  const page = await recordsOf(ports, { owner, serials }, after)
  if (!page.ok) return page
  if (after !== undefined) return done({ owner, ...page.value })
  const tokens = await exportTokens(ports, serials)
  if (!tokens.ok) return tokens
  const bypassCode = await ports.bypassCodes.openOf(owner, ports.now())
  if (!bypassCode.ok) return bypassCode
  const invitations = await ports.invitations.ofUser(owner)
  if (!invitations.ok) return invitations
  const imports = await ports.userData.importsOf(owner)
  if (!imports.ok) return imports
  const counted = await countedOf(ports, owner)
  if (!counted.ok) return counted
  const changes = await ports.journal.changesOf({ owner })
  if (!changes.ok) return changes
  const events = await ports.journal.eventsOf({ owner })
  if (!events.ok) return events
  return done({
    owner,
    first: {
      person: found.value.person,
      tokens: tokens.value,
      bypassCode: bypassCode.value,
      invitations: invitations.value,
      imports: imports.value,
      counted: counted.value,
      changes: changes.value,
      events: events.value,
      policies: policiesNaming(snapshot.policies, owner),
    },
    ...page.value,
  })
}

async function exportTokens(ports: Ports, serials: readonly TokenRecord['serial'][]) {
  const exported: ExportedToken[] = []
  for (const serial of serials) {
    const token = await ports.tokens.record(serial)
    if (!token.ok) return token
    if (token.value === undefined) continue
    const { phoneKey, home } = token.value
    if (phoneKey === undefined) {
      exported.push({ token: token.value, counters: undefined, openLogins: [] })
      continue
    }
    const phone = ports.phones.of(serial, home)
    const [counters, rings] = await Promise.all([phone.counters(), phone.openRings()])
    if (!counters.ok) return counters
    const logins = await Promise.all((rings.ok ? rings.value : []).map((id) => challengesOf(ports, id, serial)))
    exported.push({ token: token.value, counters: counters.value, openLogins: logins.flat() })
  }
  return done<readonly ExportedToken[]>(exported)
}

async function challengesOf(ports: Ports, id: TransactionId, serial: string): Promise<readonly ListedChallenge[]> {
  const login = await findTransaction(ports, id)
  const listed = login === undefined ? undefined : await login.shard.listChallenges({ ids: [id] })
  return listed?.ok === true ? listed.value.filter((challenge) => challenge.serial === serial) : []
}

async function countedOf({ counters }: Pick<Ports, 'counters'>, owner: Owner) {
  const counted: CountedNames[] = []
  for (const { counter, names } of userCounters(await digest(userDigestText(owner)))) {
    const described = await counters.of(counter).describe({ names })
    if (!described.ok) return described
    counted.push(described.value)
  }
  return done<readonly CountedNames[]>(counted)
}

interface RecordPage {
  readonly records: readonly RawRow[]
  readonly next: RecordCursor | undefined
}

/** Reads a page of the user's records: of D1, then of the archive. A page may be empty and still not the last. */
async function recordsOf(
  ports: Pick<Ports, 'audit' | 'auditArchive'>,
  user: { readonly owner: Owner; readonly serials: readonly string[] },
  after: RecordCursor | undefined,
): Promise<Outcome<RecordPage>> {
  const isTheirs = (row: RawRow): boolean => userFieldsOf(row as unknown as TracedRecord, user).length > 0
  if (after?.kind === 'archive') return archivedRecords(ports, isTheirs, after.key)
  const { login } = user.owner
  const traces = { logins: [login, ...fullNamesOf(user.owner)], serials: user.serials, change: JSON.stringify(login) }
  const page = await ports.audit.traces(traces, after)
  if (!page.ok) return page
  const { rows, last } = page.value
  const inArchive = ports.auditArchive === undefined ? undefined : ({ kind: 'archive', key: '' } as const)
  return done({ records: rows.filter(isTheirs), next: last === undefined ? inArchive : { kind: 'd1', ...last } })
}

async function archivedRecords(
  { auditArchive }: Pick<Ports, 'auditArchive'>,
  isTheirs: (row: RawRow) => boolean,
  after: string,
): Promise<Outcome<RecordPage>> {
  const keys = auditArchive === undefined ? done([]) : await auditArchive.list('audit/', after || undefined)
  if (!keys.ok) return keys
  const [key] = keys.value
  if (auditArchive === undefined || key === undefined) return done({ records: [], next: undefined })
  const lines = await auditArchive.lines(key)
  if (!lines.ok) return lines
  if (lines.value === 'damaged') return refuse({ reason: 'archive_unavailable', why: `${key} is damaged` })
  const records = (lines.value ?? []).flatMap((line): readonly RawRow[] => {
    const { record } = JSON.parse(line) as { readonly record?: RawRow }
    return record === undefined ? [] : [record]
  })
  return done({ records: records.filter(isTheirs), next: { kind: 'archive', key } })
}

export interface UserErasureResult extends ErasureProgress {
  /** Policies that name the user. They stay as they are, because a policy that loses its last name would apply to everybody. */
  readonly policies: readonly string[]
}

/** Erases a user from every store, for some seconds at a time: call it again until it is done. Afterwards the audit says that
 *  somebody was erased, but not who. The journal keeps a salted hash of the user, to erase them again after a restore. Refuses: as
 *  `authorizeUserChange`; `storage_unavailable`. */
export async function eraseUser(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: UserDataRequest,
): Promise<Outcome<UserErasureResult>> {
  const change = await authorizeUserChange(
    ports,
    credential,
    source,
    'userdata_erase',
    'POST /deployment/user-data/erase',
    request,
  )
  if (!change.ok) return change
  const { owner, entry, snapshot } = change.value
  const erased = await ports.journal.eraseUser({ owner, by: entry.administrator })
  if (!erased.ok) return erased
  return done({ ...erased.value, policies: policiesNaming(snapshot.policies, owner) })
}
