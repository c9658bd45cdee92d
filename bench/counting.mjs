// Wraps the built Nod and counts what it asks of D1 and of objects: `GET /bench/counts` answers it, since the start.
// @ts-expect-error -- the bundle, which lies beside this file when both are served
import nod, * as built from './index.js'

const counts = { d1: 0, objects: 0 }

/** Counts a statement as one round trip when it is run.
 *  @param {any} real
 *  @returns {any} */
const countingStatement = (real) => ({
  real,
  bind: (/** @type {unknown[]} */ ...values) => countingStatement(real.bind(...values)),
  ...Object.fromEntries(
    ['first', 'run', 'all', 'raw'].map((verb) => [
      verb,
      (/** @type {unknown[]} */ ...given) => {
        counts.d1 += 1
        return real[verb](...given)
      },
    ]),
  ),
})

/** @param {any} db
 *  @returns {any} */
const countingDatabase = (db) => ({
  /** @param {string} sql */
  prepare: (sql) => countingStatement(db.prepare(sql)),
  /** @param {{ real: object }[]} list */
  batch: (list) => {
    counts.d1 += 1
    return db.batch(list.map(({ real }) => real))
  },
  /** @param {string} [how] */
  withSession: (how) => countingDatabase(db.withSession(how)),
})

/** @param {any} namespace */
const countingNamespace = (namespace) => ({
  idFromName: (/** @type {string} */ name) => namespace.idFromName(name),
  get: (/** @type {unknown[]} */ ...given) =>
    new Proxy(namespace.get(...given), {
      get:
        (target, name) =>
        (/** @type {unknown[]} */ ...args) => {
          counts.objects += 1
          return target[name](...args)
        },
    }),
})

/** @type {WeakMap<object, object>} */
const worlds = new WeakMap()
/** @param {any} env */
function counting(env) {
  const world = worlds.get(env) ?? {
    ...env,
    DB: countingDatabase(env.DB),
    ...Object.fromEntries(
      ['PHONE', 'TRANSACTIONS', 'COUNTER', 'JOURNAL'].map((name) => [name, countingNamespace(env[name])]),
    ),
  }
  worlds.set(env, world)
  return world
}

/** @param {'Phone' | 'Transactions' | 'Counter' | 'Journal'} kind */
const counted = (kind) =>
  class extends built[kind] {
    /** @param {any} ctx
     *  @param {object} env */
    constructor(ctx, env) {
      super(ctx, counting(env))
    }
  }

export const Phone = counted('Phone')
export const Transactions = counted('Transactions')
export const Counter = counted('Counter')
export const Journal = counted('Journal')

export default {
  /** @param {Request} request
   *  @param {object} env
   *  @param {object} ctx */
  fetch: (request, env, ctx) =>
    new URL(request.url).pathname === '/bench/counts'
      ? Response.json({ result: { value: counts } })
      : nod.fetch(request, counting(env), ctx),
}
