// Wraps the built Nod and puts a cache in front of D1, which every write empties. Only `env.DB` differs from Nod itself.
// @ts-expect-error -- the bundle, which lies beside this file when both are served
import nod, * as built from './index.js'

/** @param {string} text */
const isRead = (text) => /^\s*(?:SELECT|WITH)\b(?!.*\b(?:INSERT|UPDATE|DELETE)\b)/s.test(text)
/** Whether the statement writes to the audit, which no login reads.
 *  @param {string} text */
const isAudit = (text) => text.startsWith('INSERT INTO audit')

/** @param {any} db */
function remembering(db) {
  const answers = new Map()
  /** @param {readonly string[]} texts
   *  @param {() => Promise<unknown>} query */
  const answer = (texts, query) => {
    const key = texts.join('\n')
    if (texts.every(isRead)) {
      if (!answers.has(key)) answers.set(key, query())
      return answers.get(key)
    }
    if (!isAudit(key)) answers.clear()
    return query()
  }
  /** @param {string} text the SQL, and what is bound
   *  @param {any} real */
  const statement = (text, real) => ({
    text,
    real,
    /** @param {unknown[]} values */
    bind: (...values) => statement(text + JSON.stringify(values), real.bind(...values)),
    /** @param {unknown[]} columns */
    first: (...columns) => answer([text], () => real.first(...columns)),
    run: () => answer([text], () => real.run()),
    all: () => answer([text], () => real.all()),
  })
  const cached = {
    /** @param {string} sql */
    prepare: (sql) => statement(sql, db.prepare(sql)),
    /** @param {ReturnType<typeof statement>[]} list */
    batch: (list) =>
      answer(
        list.map(({ text }) => text),
        () => db.batch(list.map(({ real }) => real)),
      ),
    /** @returns {any} */
    withSession: () => cached,
  }
  return cached
}

/** @type {WeakMap<object, object>} */
const worlds = new WeakMap()
/** @param {any} env */
function without(env) {
  const world = worlds.get(env) ?? { ...env, DB: remembering(env.DB) }
  worlds.set(env, world)
  return world
}

/** @param {'Phone' | 'Transactions' | 'Counter'} kind */
const withoutD1 = (kind) =>
  class extends built[kind] {
    /** @param {any} ctx
     *  @param {object} env */
    constructor(ctx, env) {
      super(ctx, without(env))
    }
  }

export const Phone = withoutD1('Phone')
export const Transactions = withoutD1('Transactions')
export const Counter = withoutD1('Counter')

export default {
  /** @param {Request} request
   *  @param {object} env
   *  @param {object} ctx */
  fetch: (request, env, ctx) => nod.fetch(request, without(env), ctx),
}
