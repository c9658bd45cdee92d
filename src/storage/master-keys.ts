/** The master keys that D1 knows: whether the configured ones fit, and how the first and the next one are written down. */
import { done, type Outcome } from '../refusal.ts'
import { utf8 } from '../bytes.ts'
import { addSeconds, instant, type Instant, type Random, seconds } from '../vocabulary.ts'
import type { ConfiguredKeyIds, MasterKeyState } from '../vocabulary/master-keys.ts'
import type { Deployment } from '../ports/ports.ts'
import type { MasterKeyCheck } from '../ports/master-keys.ts'
import { withTimeLimit } from '../time-limit.ts'
import type { DerivedKeys } from './derived-keys.ts'
import type { KeyRing } from './key-ring.ts'
import { type Log, queryRunner, rowsOf, type Query } from './run-query.ts'
import { openWith, sealWith } from './seal.ts'
import { SEALED_COLUMNS, sealedIdentity } from './sealed-columns.ts'
import { singleFlight } from './single-flight.ts'

/** How long an isolate's first request waits for D1's primary. Then it is served in any case, because some requests need no D1. */
const FIRST_READ_LIMIT = seconds(0.5)
/** How long it waits for the nearest replica before. */
const NEAREST_LIMIT = seconds(0.25)
/** How often an isolate reads D1 again while the keys do not fit or D1 does not answer. */
const RECHECK = seconds(2)
/** While two keys are configured, an isolate knows after at most this time which one is current. */
const ROTATION_REFRESH = seconds(20)
/** How long an earlier version, which cannot read values of the form `2`, may still run beside this one. */
const VERSIONS_OVERLAP = seconds(300)

export interface MasterKeyCheckOptions {
  readonly db: D1Database
  readonly log: Log
  readonly ring: KeyRing
  readonly random: Random
  readonly now: () => Instant
  readonly deployment: Pick<Deployment, 'cached' | 'cachedOrNearby' | 'reload'>
  /** Says what is wrong with the configured keys; a rule, so it is passed in. */
  readonly faultOf: (state: MasterKeyState, configured: ConfiguredKeyIds) => string | undefined
}

/** Returns the check that compares the configured keys with those in D1. Call it once per isolate. A database without a current
 *  key gets the first configured one that opens its values. A `MASTER_KEY` that D1 does not know is stored by its id, with the
 *  time. */
export function masterKeyCheck(options: MasterKeyCheckOptions): MasterKeyCheck {
  const { ring, now, deployment, faultOf, log } = options
  const runQuery = queryRunner(options.db, log)
  const [key, previous] = ring.all
  const configured: ConfiguredKeyIds = { key: key.id, ...(previous && { previous: previous.id }) }
  const provenChecks = new Set<string>()
  let nextTry = Number.NEGATIVE_INFINITY
  let fault: string | undefined
  let judged: MasterKeyState | undefined
  let readAt = Number.NEGATIVE_INFINITY

  /** Judges what was read, once for each read. */
  async function judge(state: MasterKeyState): Promise<string | undefined> {
    if (state === judged) return fault
    const found = faultOf(state, configured) ?? (await checkValueFault(state))
    if (found !== undefined && found !== fault) log('master_key_mismatch', { why: found })
    judged = state
    fault = found
    return found
  }

  /** Proves that each configured key is the one that D1 knows by its id. */
  async function checkValueFault({ keys }: MasterKeyState): Promise<string | undefined> {
    for (const { id, checkValue } of keys) {
      const derived = ring.find(id)
      if (derived === undefined || provenChecks.has(checkValue)) continue
      if ((await openWith([derived], checkIdentity(id), checkValue)) === undefined)
        return `MASTER_KEY: the check value of the key ${id} does not open; restore the row of master_keys from a backup`
      provenChecks.add(checkValue)
    }
    return undefined
  }

  const reading = singleFlight(async (): Promise<Outcome<string | undefined>> => {
    let read = await deployment.reload()
    if (!read.ok) return read
    if (read.value.masterKeys.current === undefined) {
      const taken = await takeFirstKey(runQuery, ring, options.random, now())
      if (!taken.ok) return taken
      if (taken.value !== undefined) {
        log('master_key_mismatch', { why: taken.value })
        fault = taken.value
        judged = read.value.masterKeys
        return done(fault)
      }
      read = await deployment.reload()
      if (!read.ok) return read
    }
    const found = await judge(read.value.masterKeys)
    readAt = now()
    if (found !== undefined || read.value.masterKeys.keys.some(({ id }) => id === key.id)) return done(found)
    // Its first sight: from now on it spreads, and a rotation may make it current when it is everywhere.
    const seen = await registerKey(runQuery, key, options.random, now())
    if (!seen.ok) return seen
    const again = await deployment.reload()
    return again.ok ? done(await judge(again.value.masterKeys)) : again
  })

  /** What a replica told that does not fit: it may be late, so the primary judges. */
  let unfitNearby: MasterKeyState | undefined

  /** An isolate's first read: where the nearest replica knows the configured keys, and they fit, the primary is not asked. */
  async function readNearby(): Promise<void> {
    const read = await withTimeLimit(deployment.cachedOrNearby(), NEAREST_LIMIT)
    if (read === 'late' || !read.ok) return
    const state = read.value.masterKeys
    const fits =
      isKnown(state) && faultOf(state, configured) === undefined && (await checkValueFault(state)) === undefined
    if (!fits) unfitNearby = state
  }

  const isKnown = ({ current, keys }: MasterKeyState): boolean =>
    current !== undefined && keys.some(({ id }) => id === key.id)

  const isSettled = (state: MasterKeyState | undefined): boolean =>
    state !== undefined && state !== unfitNearby && fault === undefined && isKnown(state)

  return {
    configured,
    read: () => reading.join(),
    resealsWith: () => (previous !== undefined && ring.namesKeys() ? ring.state()?.current : undefined),

    async fault(background) {
      if (deployment.cached() === undefined && now() >= nextTry) await readNearby()
      const known = deployment.cached()?.masterKeys
      if (known !== undefined && known !== unfitNearby && known.current !== undefined) await judge(known)
      if (isSettled(known)) {
        if (previous !== undefined && now() >= addSeconds(instant(readAt), ROTATION_REFRESH)) {
          readAt = now()
          background(reading.join())
        }
        return undefined
      }
      if (now() < nextTry) return fault
      const outcome = await withTimeLimit(reading.join(), FIRST_READ_LIMIT)
      // Only now: requests that come meanwhile join the same read.
      nextTry = addSeconds(now(), RECHECK)
      return outcome !== 'late' && outcome.ok ? outcome.value : fault
    },
  }
}

const checkIdentity = (id: string): string => `master-key:${id}`

const checkValueOf = (keys: DerivedKeys, random: Random): Promise<string> =>
  sealWith(keys, checkIdentity(keys.id), utf8(keys.id), random)

async function registerKey(runQuery: Query, keys: DerivedKeys, random: Random, at: Instant): Promise<Outcome<unknown>> {
  const checkValue = await checkValueOf(keys, random)
  return runQuery('register master key', (db) =>
    db
      .prepare('INSERT INTO master_keys (id, check_value, first_seen) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING')
      .bind(keys.id, checkValue, at)
      .run(),
  )
}

/** Makes a key current in a database that has none. If an earlier version has sealed values there, takes the configured key that
 *  opens one of them: the previous key first, because objects may have no other. Returns what is wrong if neither opens one. */
async function takeFirstKey(
  runQuery: Query,
  ring: KeyRing,
  random: Random,
  at: Instant,
): Promise<Outcome<string | undefined>> {
  const sampled = await runQuery('sealed samples', (db) =>
    db.batch(
      SEALED_COLUMNS.map(({ table, column, key }) =>
        db.prepare(`SELECT ${key} AS name, ${column} AS sealed FROM ${table} WHERE ${column} IS NOT NULL LIMIT 5`),
      ),
    ),
  )
  if (!sampled.ok) return sampled
  const samples = SEALED_COLUMNS.flatMap(({ table }, index) =>
    rowsOf<{ name: string; sealed: string }>(sampled.value[index]).map(({ name, sealed }) => ({
      identity: sealedIdentity(table, name),
      sealed,
    })),
  )
  const opening: DerivedKeys[] = []
  for (const keys of ring.all.toReversed())
    for (const { identity, sealed } of samples)
      if (!opening.includes(keys) && (await openWith([keys], identity, sealed)) !== undefined) opening.push(keys)
  if (samples.length > 0 && opening.length === 0)
    return done(
      'MASTER_KEY: does not open what is sealed in this database; set MASTER_KEY to the key that this database was sealed with',
    )
  const used = opening.length > 0 ? opening : [ring.all[0]]
  // Values that name their key are unreadable to the version before, which may have written this database.
  const since = opening.length > 0 ? addSeconds(at, VERSIONS_OVERLAP) : at
  const checkValues = await Promise.all(used.map((keys) => checkValueOf(keys, random)))
  const taken = await runQuery('take master key', (db) =>
    db.batch([
      ...used.map((keys, index) =>
        db
          .prepare(
            `INSERT INTO master_keys (id, check_value, first_seen, current_since)
             SELECT ?, ?, ?, ? FROM deployment WHERE master_key IS NULL ON CONFLICT (id) DO NOTHING`,
          )
          .bind(keys.id, checkValues[index] ?? '', at, since),
      ),
      db.prepare('UPDATE deployment SET master_key = ? WHERE master_key IS NULL').bind(used[0]?.id ?? ''),
    ]),
  )
  return taken.ok ? done(undefined) : taken
}
