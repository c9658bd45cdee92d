// Serves the built Nod with a replica of D1 that is as late as a test wants. A request with the header `x-replica: late` is answered by
// an isolate whose sessions read that replica; all others have a D1 without replicas. Objects have the replica as well. `PUT
// /_/replica` brings it up to date; until then it stays as it is. `POST /_/gone` lets it fail, `DELETE /_/gone` ends that; `POST /_/moving` and `DELETE /_/moving` do so with the primary.
// `POST /_/deaf` names objects ("Transactions weur/0"), or verbs of them ("Transactions weur/0 open"), whose calls get lost until
// `DELETE /_/deaf`.
// @ts-expect-error -- the bundle, which stands beside this file where both are served
import nod, * as built from './index.js'

let isGone = false
let isMoving = false
/** @type {readonly string[]} */
let deaf = []

/** @param {any} env */
async function bringUpToDate({ DB, REPLICA }) {
  const listed = await DB.prepare(
    `SELECT name, type, sql FROM sqlite_master WHERE name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*' AND type IN ('table', 'index')
     AND name <> 'd1_migrations' AND sql IS NOT NULL ORDER BY type DESC`,
  ).all()
  const known = await REPLICA.prepare('SELECT name FROM sqlite_master').all()
  const names = new Set(known.results.map((/** @type {any} */ { name }) => name))
  const statements = []
  for (const { name, sql } of listed.results) if (!names.has(name)) statements.push(REPLICA.prepare(sql))
  for (const { name, type } of listed.results) {
    if (type !== 'table') continue
    statements.push(REPLICA.prepare(`DELETE FROM ${name}`))
    // Logins read nothing of it, and it is long.
    if (name.startsWith('audit')) continue
    // Without the columns that are computed.
    const stored = await DB.prepare('SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0').bind(name).all()
    /** @type {string[]} */
    const columns = stored.results.map((/** @type {{ name: string }} */ column) => column.name)
    for (const row of (await DB.prepare(`SELECT ${columns.join(', ')} FROM ${name}`).all()).results) {
      const marks = columns.map(() => '?').join(', ')
      const values = columns.map((column) => row[column])
      statements.push(REPLICA.prepare(`INSERT INTO ${name} (${columns.join(', ')}) VALUES (${marks})`).bind(...values))
    }
  }
  await REPLICA.batch(statements)
}

const lost = async () => {
  throw new Error('D1_ERROR: Network connection lost.')
}
/** A statement of a primary that does not answer. */
const lostStatement = { bind: () => lostStatement, first: lost, all: lost, run: lost, raw: lost }

/** @param {any} db */
const primary = (db) => ({
  /** @param {string} sql */
  prepare: (sql) => (isMoving ? lostStatement : db.prepare(sql)),
  /** @param {any[]} list */
  batch: (list) => (isMoving ? lost() : db.batch(list)),
})

/** @param {any} db
 *  @param {any} replica */
const withReplica = (db, replica) => ({
  ...primary(db),
  /** @param {string} [how] */
  withSession(how) {
    if (how !== 'first-unconstrained') return primary(db.withSession(how))
    return {
      /** @param {string} sql */
      prepare: (sql) => replica.prepare(sql),
      /** @param {any[]} list */
      async batch(list) {
        if (isGone) throw new Error('D1_ERROR: the replica is gone')
        const results = await replica.batch(list)
        return results.map((/** @type {any} */ one) => ({ ...one, meta: { ...one.meta, served_by_primary: false } }))
      },
    }
  },
})

/** @param {string} kind
 *  @param {any} real */
const namespace = (kind, real) => ({
  /** @param {string} name */
  idFromName: (name) => Object.assign(real.idFromName(name), { named: name }),
  /** @param {any} id
   *  @param {object} [how] */
  get: (id, how) =>
    new Proxy(real.get(id, how), {
      get: (stub, verb) => {
        if (typeof verb !== 'string' || verb === 'then') return undefined
        return (/** @type {unknown[]} */ ...given) => {
          const name = `${kind} ${id.named}`
          if (deaf.includes(name) || deaf.includes(`${name} ${verb}`)) throw new Error('Network connection lost.')
          return stub[verb](...given)
        }
      },
    }),
})

/** @type {WeakMap<object, Map<string, object>>} */
const worlds = new WeakMap()
/** @param {any} env
 *  @param {'primary' | 'late' | 'object'} kind */
function around(env, kind) {
  const known = worlds.get(env) ?? new Map()
  worlds.set(env, known)
  if (!known.has(kind))
    known.set(kind, {
      ...env,
      DB:
        kind === 'primary'
          ? { ...primary(env.DB), withSession: (/** @type {string} */ how) => primary(env.DB.withSession(how)) }
          : withReplica(env.DB, env.REPLICA),
      PHONE: namespace('Phone', env.PHONE),
      TRANSACTIONS: namespace('Transactions', env.TRANSACTIONS),
      JOURNAL: namespace('Journal', env.JOURNAL),
    })
  return known.get(kind)
}

/** @param {'Phone' | 'Transactions' | 'Counter' | 'Journal'} kind */
const withReplicas = (kind) =>
  class extends built[kind] {
    /** @param {any} ctx
     *  @param {object} env */
    constructor(ctx, env) {
      super(ctx, around(env, 'object'))
    }
  }

export const Phone = withReplicas('Phone')
export const Transactions = withReplicas('Transactions')
export const Counter = withReplicas('Counter')
export const Journal = withReplicas('Journal')

export default {
  /** @param {Request} request
   *  @param {any} env
   *  @param {object} ctx */
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url)
    if (pathname === '/_/replica') {
      await bringUpToDate(env)
      return new Response()
    }
    if (pathname === '/_/gone') {
      isGone = request.method === 'POST'
      return new Response()
    }
    if (pathname === '/_/moving') {
      isMoving = request.method === 'POST'
      return new Response()
    }
    if (pathname === '/_/deaf') {
      deaf = request.method === 'POST' ? await request.json() : []
      return new Response()
    }
    if (pathname === '/_/sql') return Response.json((await env.DB.prepare(await request.text()).all()).results)
    const kind = request.headers.get('x-replica') === 'late' ? 'late' : 'primary'
    return nod.fetch(request, around(env, kind), ctx)
  },
}
