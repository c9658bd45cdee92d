import type { Ports } from '../../ports/ports.ts'
import type { TransactionsObject } from '../../ports/transactions-object.ts'
import { readStep } from '../../protocol/login/step-texts.ts'
import { done, type Outcome } from '../../refusal.ts'
import { describeLogin } from '../../rules/login/describe-login.ts'
import { outcomeOf } from '../../rules/login/login-facts.ts'
import { addSeconds, type Instant, type Seconds, seconds, type Shard, shardName } from '../../vocabulary.ts'
import type { AuditRecord, AuditStep } from '../../vocabulary/audit.ts'
import type { LoginOutcome } from '../../vocabulary/login-reports.ts'
import { present } from '../../present.ts'
import { authorizeOwnerRight, type Credential } from '../access/identify.ts'
import { ownerOf } from '../login/login-subject.ts'

/** How long a shard waits for a change before it answers that there was none. */
const TURN = seconds(20)
/** A shard is asked again so long after it answered: a busy one answers at once. */
const PAUSE = seconds(1)
/** The journal is asked again so often whether another shard has opened its first login. */
const FURTHER = seconds(10)
const RETRY = seconds(5)
/** A sign of life: whoever has disconnected is noticed when something is sent. */
const SIGN_OF_LIFE = seconds(15)
/** Then the stream ends, and whoever goes on watching asks again: so nobody watches for long without the right. */
const LENGTH = seconds(300)

/** Whose logins are watched; absent: everybody's, as far as the caller may see them. */
export interface WatchRequest {
  readonly user?: string | undefined
  readonly realm?: string | undefined
  readonly service?: string | undefined
}

type LiveLogin = ReturnType<typeof describeLogin> & {
  readonly record: AuditRecord
  readonly outcome: LoginOutcome | 'open'
  /** Its latest step. */
  readonly last: AuditStep | undefined
}

/**
 * Yields the newest logins, then each login that changes, and `undefined` as a sign of life, for five minutes. Logins that are open are in
 * their shards only, so each shard that has opened a login is asked: three times a minute where nothing happens, at most once a second
 * where much does; and the journal, six times a minute, for further shards. Nothing is read from D1 but the caller's rights, and nothing is written.
 * Refuses: as `authorizeOwnerRight`; `right_missing`, `storage_unavailable`.
 */
export async function watchLogins(
  ports: Ports,
  credential: Credential,
  { user, realm, service }: WatchRequest,
): Promise<Outcome<(disconnected: AbortSignal) => AsyncGenerator<LiveLogin | undefined>>> {
  const authorized = await authorizeOwnerRight(ports, credential, 'logins_read')
  if (!authorized.ok) return authorized
  const visible = authorized.value.visibleRealms()
  if (!visible.ok) return visible
  const realms = visible.value
  const wanted = user === undefined ? undefined : ownerOf({ user, ...present({ realm }) }, authorized.value.snapshot)
  const isWatched = ({ owner, service: opener }: AuditRecord): boolean =>
    (realms === undefined || (owner !== undefined && realms.includes(owner.realm))) &&
    (wanted === undefined || (owner?.login === wanted.login && owner.realm === wanted.realm)) &&
    (realm === undefined || owner?.realm === realm.toLowerCase()) &&
    (service === undefined || opener === service)
  return done((disconnected) => tail(ports, isWatched, disconnected))
}

/** The shards that have opened a login; all, if the journal does not answer. */
async function shardsInUse({
  journal,
  transactions,
}: Pick<Ports, 'journal' | 'transactions'>): Promise<readonly Shard[]> {
  const known = await journal.shards()
  return transactions.shards().filter((shard) => !known.ok || known.value.includes(shardName(shard)))
}

/** Hands over each shard once: those that have opened a login, and further ones when they open their first. */
async function findShards(ports: Ports, isOver: () => boolean, found: (shard: Shard) => void): Promise<void> {
  const names = new Set<string>()
  while (!isOver()) {
    const shards = await shardsInUse(ports).catch(() => [])
    for (const shard of shards.filter((one) => !names.has(shardName(one)))) {
      names.add(shardName(shard))
      found(shard)
    }
    // Until the first login of all there is nothing else to ask.
    await asleep(names.size === 0 ? PAUSE : FURTHER)
  }
}

async function* tail(
  ports: Ports,
  isWatched: (record: AuditRecord) => boolean,
  disconnected: AbortSignal,
): AsyncGenerator<LiveLogin | undefined> {
  const { now, transactions } = ports
  const end = addSeconds(now(), LENGTH)
  const isOver = (): boolean => disconnected.aborted || now() >= end
  const found: AuditRecord[] = []
  let wake: (() => void) | undefined
  disconnected.addEventListener('abort', () => wake?.())
  const hear = (records: readonly AuditRecord[]): void => {
    found.push(...records.filter(isWatched))
    wake?.()
  }
  void findShards(ports, isOver, (shard) => void follow(transactions.inShard(shard), isOver, hear))
  while (!isOver()) {
    const records = found.splice(0).toSorted((one, other) => lastChange(one) - lastChange(other))
    for (const record of records) yield described(record)
    if (found.length > 0) continue
    const more = new Promise<void>((resolve) => (wake = resolve))
    const left = Math.min(SIGN_OF_LIFE, (end - now()) / 1000)
    if ((await Promise.race([more, asleep(seconds(left))])) === 'slept') yield undefined
  }
}

/** Hands over what changes in a shard, until nobody wants it. */
async function follow(
  shard: TransactionsObject,
  isOver: () => boolean,
  found: (records: readonly AuditRecord[]) => void,
): Promise<void> {
  let after: number | undefined
  while (!isOver()) {
    try {
      const changed = await shard.liveLogins({ wait: TURN, ...(after === undefined ? {} : { after }) })
      if (changed.ok) {
        after = changed.value.last
        found(changed.value.logins)
      }
      await asleep(changed.ok ? PAUSE : RETRY)
    } catch {
      await asleep(RETRY)
    }
  }
}

const asleep = (time: Seconds): Promise<'slept'> =>
  new Promise((resolve) => setTimeout(() => resolve('slept'), Math.max(0, time) * 1000))

const lastChange = ({ steps = [], at }: AuditRecord): Instant => steps.at(-1)?.at ?? at

function described(stored: AuditRecord): LiveLogin {
  const record = { ...stored, ...(stored.steps === undefined ? {} : { steps: stored.steps.map(readStep) }) }
  const outcome = outcomeOf(record) ?? 'open'
  return { record, outcome, last: record.steps?.at(-1), ...describeLogin(record, outcome) }
}
