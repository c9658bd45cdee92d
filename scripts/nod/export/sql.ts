/** Writes the changes as SQL that is applied as a whole or not at all. */
import { number, text, truth } from '../import/database.ts'
import { type SourceToken, WAY_BACK } from '../import/token.ts'
import type { Changes } from './difference.ts'

export interface Dialect {
  readonly kind: 'sqlite' | 'mysql' | 'postgresql'
  /** Tables whose ids come from a sequence, `<table>_seq`. */
  readonly withoutIds: ReadonlySet<string>
  /** Tables with a column `token_id`. */
  readonly ofTokens: readonly string[]
}

/** A token that is changed, added (`there` undefined) or deleted (`changes` undefined). */
export interface Step {
  readonly serial: string
  readonly type: string
  readonly there: SourceToken | undefined
  readonly changes: Changes | undefined
  /** What an import would compute of it afterwards. */
  readonly digest: string | undefined
}

const BEGIN = {
  sqlite: 'BEGIN IMMEDIATE;',
  mysql: 'SET NAMES utf8mb4;\nSET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nSTART TRANSACTION;',
  postgresql: 'BEGIN ISOLATION LEVEL SERIALIZABLE;',
} as const

/** Columns of `token` that must be as they were read. */
const TEXTS = ['pin_hash', 'description', 'rollout_state'] as const
const NUMBERS = ['failcount', 'maxfail'] as const
const FLAGS = ['active', 'revoked', 'locked'] as const
/** Entries that must be as they were read, in addition to those that change. */
const COMPARED = ['firebase_token', 'public_key_smartphone'] as const

/** Columns of a new token that say nothing of a phone. */
const REST = {
  user_pin: '',
  user_pin_iv: '',
  so_pin: '',
  so_pin_iv: '',
  pin_seed: '',
  otplen: 6,
  count: 0,
  count_window: 10,
  sync_window: 1000,
} as const

/** Writes a transaction that first looks whether each of these tokens is still as it was read, and otherwise changes nothing and says which
 *  are not. Applied again, it changes nothing. `id`: names it, in letters and digits. `otp`: a random secret for each new token, encrypted. */
export function* wayBackSql(
  dialect: Dialect,
  steps: readonly Step[],
  id: string,
  otp: () => { readonly key: string; readonly iv: string },
): Generator<string> {
  const { kind } = dialect
  const q = (name: string): string => (kind === 'mysql' ? `\`${name}\`` : `"${name}"`)
  const s = (value: string): string =>
    `'${(kind === 'mysql' ? value.replaceAll('\\', '\\\\') : value).replaceAll("'", "''").replaceAll('\0', '')}'`
  const literal = (value: string | number | boolean): string =>
    typeof value === 'string' ? s(value) : String(value).toUpperCase()
  const table = `nod_way_back_${id}`
  const ready = `(SELECT count(*) FROM ${table}) = 0`
  const one = '(SELECT 1 AS one) AS one'
  const idOf = (serial: string): string => `(SELECT id FROM token WHERE serial = ${s(serial)})`
  const withId = (name: string, columns: readonly string[], values: readonly string[]): string => {
    const isLacking = dialect.withoutIds.has(name)
    const next = kind === 'mysql' ? `NEXT VALUE FOR ${name}_seq` : `nextval('${name}_seq')`
    return `INSERT INTO ${name} (${[...(isLacking ? ['id'] : []), ...columns].join(', ')}) SELECT ${[...(isLacking ? [next] : []), ...values].join(', ')}`
  }
  const conflict = (serial: string, condition: string): string =>
    `INSERT INTO ${table} SELECT ${s(serial)} FROM ${one} WHERE ${condition};`

  yield '-- Written by `npm run nod -- export`. It has hashes of PINs and encrypted keys: keep it as the database itself.'
  yield BEGIN[kind]
  yield `CREATE TEMPORARY TABLE IF NOT EXISTS ${table} (serial VARCHAR(120));`
  yield `DELETE FROM ${table};`
  const isApplied = `EXISTS (SELECT 1 FROM config WHERE ${q('Key')} = ${s(`nod_way_back.${id}`)})`
  yield conflict('(it was applied before)', isApplied)
  for (const step of steps) yield conflict(step.serial, `NOT ${isApplied} AND ${guardOf(step)}`)
  for (const step of steps) yield* statementsOf(step)
  yield `INSERT INTO config (${q('Key')}, ${q('Value')}, ${q('Type')}, ${q('Description')}) SELECT ${s(`nod_way_back.${id}`)}, ${s(String(steps.length))}, '', 'tokens taken back' FROM ${one} WHERE ${ready};`
  yield `SELECT CASE WHEN ${ready} THEN ${s(`applied: ${steps.length} tokens`)} ELSE 'NOTHING WAS CHANGED, because of:' END AS result;`
  yield `SELECT serial AS changed_since_the_export FROM ${table};`
  yield 'COMMIT;'

  function guardOf({ serial, there, changes }: Step): string {
    if (there === undefined) return `EXISTS (SELECT 1 FROM token WHERE serial = ${s(serial)})`
    const { row, info, owners } = there
    const names = new Set<string>([...COMPARED, ...(changes?.info.keys() ?? [])])
    const entry = (name: string): string => {
      const value = info.get(name)
      const found = `(SELECT count(*) FROM tokeninfo WHERE tokeninfo.token_id = token.id AND ${q('Key')} = ${s(name)}`
      return value === undefined ? `${found}) = 0` : `${found} AND ${q('Value')} = ${s(value)}) = 1`
    }
    const [owner] = owners
    const owned = `(SELECT count(*) FROM tokenowner WHERE tokenowner.token_id = token.id`
    const conditions = [
      `serial = ${s(serial)}`,
      ...TEXTS.map((name) => `coalesce(${name}, '') = ${s(text(row[name]))}`),
      ...NUMBERS.map((name) => `coalesce(${name}, 0) = ${number(row[name])}`),
      ...FLAGS.map((name) => `coalesce(${name}, FALSE) = ${literal(truth(row[name]))}`),
      ...[...names].map(entry),
      owner === undefined
        ? `${owned}) = 0`
        : `${owned} AND user_id = ${s(owner.userId)} AND resolver = ${s(owner.resolver)}) = 1`,
    ]
    return `NOT EXISTS (SELECT 1 FROM token WHERE ${conditions.join(' AND ')})`
  }

  function* statementsOf({ serial, type, there, changes, digest }: Step): Generator<string> {
    if (changes === undefined) {
      for (const name of dialect.ofTokens) yield `DELETE FROM ${name} WHERE token_id = ${idOf(serial)} AND ${ready};`
      yield `DELETE FROM challenge WHERE serial = ${s(serial)} AND ${ready};`
      yield `DELETE FROM token WHERE serial = ${s(serial)} AND ${ready};`
      return
    }
    if (there === undefined) {
      const { key, iv } = otp()
      const row = { serial, tokentype: type, ...REST, key_enc: key, key_iv: iv, ...changes.row }
      yield `${withId('token', Object.keys(row), Object.values(row).map(literal))} FROM ${one} WHERE ${ready};`
    } else if (Object.keys(changes.row).length > 0) {
      const sets = Object.entries(changes.row).map(([name, value]) => `${name} = ${literal(value)}`)
      yield `UPDATE token SET ${sets.join(', ')} WHERE serial = ${s(serial)} AND ${ready};`
    }
    const info = new Map(changes.info).set(WAY_BACK, digest === undefined ? undefined : { value: digest })
    const keys = [...info.keys()].map(s).join(', ')
    yield `DELETE FROM tokeninfo WHERE ${q('Key')} IN (${keys}) AND token_id = ${idOf(serial)} AND ${ready};`
    const columns = [q('Key'), q('Value'), q('Type'), q('Description'), 'token_id']
    for (const [name, value] of info)
      if (value !== undefined) {
        const values = [s(name), s(value.value), s(value.type ?? ''), "''", 'token.id']
        yield `${withId('tokeninfo', columns, values)} FROM token WHERE serial = ${s(serial)} AND ${ready};`
      }
    const { owner, addedRealms, removedRealms } = changes
    const realmId = (realm: string): string => `(SELECT id FROM realm WHERE lower(name) = ${s(realm)})`
    if (owner !== undefined) yield `DELETE FROM tokenowner WHERE token_id = ${idOf(serial)} AND ${ready};`
    if (owner !== undefined && owner !== null) {
      const values = ['token.id', s(owner.resolver), s(owner.userId), realmId(owner.realm)]
      yield `${withId('tokenowner', ['token_id', 'resolver', 'user_id', 'realm_id'], values)} FROM token WHERE serial = ${s(serial)} AND ${ready};`
    }
    for (const realm of removedRealms)
      yield `DELETE FROM tokenrealm WHERE token_id = ${idOf(serial)} AND realm_id = ${realmId(realm)} AND ${ready};`
    for (const realm of addedRealms)
      yield `${withId('tokenrealm', ['token_id', 'realm_id'], ['token.id', realmId(realm)])} FROM token WHERE serial = ${s(serial)} AND ${ready};`
  }
}
