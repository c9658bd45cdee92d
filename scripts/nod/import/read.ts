/** Reads the tokens of the other server, a few hundred at a time. */
import { number, type Row, type SourceDatabase, text } from './database.ts'
import type { SourceToken } from './token.ts'

const PAGE = 500

/** The types of tokens that Nod has. */
export const PUSH_TYPES: readonly string[] = ['push', 'edupush']

/** The realms, by their number in the database. */
export type Realms = ReadonlyMap<string, string>

export async function readRealms(
  db: SourceDatabase,
): Promise<{ readonly realms: Realms; readonly standard: string | undefined }> {
  const rows = await db.query('SELECT * FROM realm')
  const standard = rows.find((row) => [true, 1, '1'].includes(row['default'] as never))
  return {
    realms: new Map(rows.map((row) => [text(row['id']), text(row['name']).toLowerCase()])),
    standard: standard && text(standard['name']).toLowerCase(),
  }
}

const byToken = (all: readonly Row[]) => Map.groupBy(all, (row) => text(row['token_id']))

/** How many tokens there are of each type. */
export async function countTypes(db: SourceDatabase): Promise<ReadonlyMap<string, number>> {
  const rows = await db.query('SELECT tokentype, count(*) AS tokens FROM token GROUP BY tokentype ORDER BY tokentype')
  return new Map(rows.map((row) => [text(row['tokentype']).toLowerCase(), number(Number(row['tokens']))]))
}

/** All push tokens with what belongs to them, in the order in which they were made. */
export async function* readTokens(
  db: SourceDatabase,
  realms: Realms,
  hasContainers: boolean,
): AsyncGenerator<readonly SourceToken[]> {
  const types = PUSH_TYPES.map((type) => `'${type}'`).join(', ')
  for (let after = 0; ;) {
    const rows = await db.query(
      `SELECT * FROM token WHERE lower(tokentype) IN (${types}) AND id > ${after} ORDER BY id LIMIT ${PAGE}`,
    )
    const last = rows.at(-1)
    if (last === undefined) return
    const ids = rows.map((row) => Number(row['id']))
    const of = (table: string) => db.query(`SELECT * FROM ${table} WHERE token_id IN (${ids.join(', ')}) ORDER BY id`)
    const [infos, owners, memberships] = [await of('tokeninfo'), await of('tokenowner'), await of('tokenrealm')]
    const containers = hasContainers
      ? await db.query(
          `SELECT tokencontainertoken.token_id, tokencontainer.serial FROM tokencontainertoken
           JOIN tokencontainer ON tokencontainer.id = tokencontainertoken.container_id WHERE token_id IN (${ids.join(', ')})`,
        )
      : []
    const [infoOf, ownersOf, realmsOf] = [byToken(infos), byToken(owners), byToken(memberships)]
    const containerOf = new Map(containers.map((row) => [text(row['token_id']), text(row['serial'])]))
    yield rows.map((row): SourceToken => {
      const id = text(row['id'])
      return {
        row,
        info: new Map((infoOf.get(id) ?? []).map((one) => [text(one['key']), text(one['value'])])),
        owners: (ownersOf.get(id) ?? []).map((one) => ({
          resolver: text(one['resolver']),
          userId: text(one['user_id']),
          realm: realms.get(text(one['realm_id'])) ?? '',
        })),
        realms: (realmsOf.get(id) ?? [])
          .map((one) => realms.get(text(one['realm_id'])) ?? '')
          .filter((realm) => realm !== ''),
        container: containerOf.get(id),
      }
    })
    after = Number(last['id'])
  }
}
