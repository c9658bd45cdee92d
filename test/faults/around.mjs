// Wraps the built Nod and injects faults: into D1, into calls of objects, into their alarms and into the objects themselves. Nod
// itself is unchanged; it is given a wrapped `env`. `POST /_/faults` sets the faults.
// @ts-expect-error -- the bundle, which stands beside this file where both are served
import nod, * as built from './index.js'

/** @typedef {import('./fault.ts').Fault} Fault */

/** @type {(Fault & { left: number })[]} */
let faults = []

/** @param {string} at
 *  @param {string} [when] */
function take(at, when) {
  const found = faults.find((one) => one.at === at && one.left > 0 && (when === undefined || one.when === when))
  if (found !== undefined) found.left -= 1
  return found
}
/** @param {number} milliseconds */
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
/** @param {string} message
 *  @param {object} [flags] */
const failure = (message, flags = {}) => Object.assign(new Error(message), flags)

// --- D1 put back to an earlier state ---

/** @type {Map<string, readonly Record<string, unknown>[]>} */
let kept = new Map()

/** Triggers keep these two by themselves.
 *  @param {any} db */
async function keepCatalogue(db) {
  const tables = await db
    .prepare(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'
       AND name NOT IN ('d1_migrations', 'token_pages', 'token_tallies', 'phone_regions')`,
    )
    .all()
  const rows = new Map()
  for (const { name } of tables.results) {
    // Without the columns that are computed.
    const stored = await db.prepare('SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0').bind(name).all()
    const columns = stored.results.map((/** @type {{ name: string }} */ column) => column.name)
    rows.set(name, (await db.prepare(`SELECT ${columns.join(', ')} FROM ${name}`).all()).results)
  }
  return rows
}

/** @param {any} db */
async function putBackCatalogue(db) {
  const statements = []
  for (const [table, rows] of kept) {
    statements.push(db.prepare(`DELETE FROM ${table}`))
    for (const row of rows) {
      const columns = Object.keys(row)
      const values = columns.map((column) => row[column])
      const marks = columns.map(() => '?').join(', ')
      statements.push(db.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks})`).bind(...values))
    }
  }
  await db.batch(statements)
}

// --- D1 ---

/** @type {WeakMap<object, any>} */
const inside = new WeakMap()

/** @template T
 *  @param {readonly string[]} sql
 *  @param {() => Promise<T>} work */
async function asked(sql, work) {
  const isWrite = sql.some((text) => !/^\s*(?:SELECT|WITH)/i.test(text) || /\b(?:INSERT|UPDATE|DELETE)\b/.test(text))
  const fault = take('D1') ?? (isWrite ? take('D1 writes') : undefined)
  switch (fault?.do) {
    case 'fail':
      throw failure('D1_ERROR: Network connection lost.')
    case 'full':
      // A full database still deletes.
      if (sql.every((text) => /^\s*DELETE/i.test(text))) return work()
      throw failure('D1_ERROR: Exceeded maximum DB size')
    case 'refuse':
      throw failure('D1_ERROR: attempt to write a readonly database: SQLITE_READONLY')
    case 'stall':
      // Polls, because a request cannot wait for a promise that another request resolves.
      while (faults.includes(fault)) await pause(50)
      return work()
    case 'late': {
      const done = await work()
      await pause(fault.milliseconds ?? 3000)
      return done
    }
    default:
      return work()
  }
}

/** @param {string} sql
 *  @param {any} real */
function statement(sql, real) {
  const wrapped = {
    /** @param {unknown[]} values */
    bind: (...values) => statement(sql, real.bind(...values)),
    /** @param {any[]} how */
    first: (...how) => asked([sql], () => Reflect.apply(real.first, real, how)),
    run: () => asked([sql], () => real.run()),
    all: () => asked([sql], () => real.all()),
    /** @param {any[]} how */
    raw: (...how) => asked([sql], () => Reflect.apply(real.raw, real, how)),
    sql,
  }
  inside.set(wrapped, real)
  return wrapped
}

/** @param {any} real */
const catalogue = (real) => ({
  /** @param {string} sql */
  prepare: (sql) => statement(sql, real.prepare(sql)),
  /** @param {ReturnType<typeof statement>[]} list */
  batch: (list) =>
    asked(
      list.map(({ sql }) => sql),
      () => real.batch(list.flatMap((one) => inside.get(one) ?? [])),
    ),
  /** @param {string} how */
  withSession: (how) => catalogue(real.withSession(how)),
})

// --- R2 ---

/** @param {any} real */
const bucket = (real) =>
  new Proxy(real, {
    get: (_, verb) =>
      typeof verb === 'string' && verb !== 'then'
        ? async (/** @type {unknown[]} */ ...given) => {
            const fault = take('R2')
            if (fault?.do === 'fail') throw failure('The specified bucket does not exist. (10006)')
            return real[verb](...given)
          }
        : undefined,
  })

// --- calls of objects ---

const RETRYABLE = { retryable: true, durableObjectReset: true }
const GONE = 'the object goes, as a test told it'

/** @param {string} kind
 *  @param {any} stub */
const calling = (kind, stub) =>
  new Proxy(stub, {
    get: (_, verb) => {
      if (typeof verb !== 'string' || verb === 'then') return undefined
      return async (/** @type {unknown[]} */ ...given) => {
        const fault = take(`${kind}.${verb}`, 'called')
        if (fault?.do === 'lose') throw failure('Network connection lost.', fault.again ? RETRYABLE : {})
        if (fault?.do === 'overload') throw failure('Durable Object is overloaded.', { ...RETRYABLE, overloaded: true })
        try {
          return await stub[verb](...given)
        } catch (error) {
          // The platform marks the error of a reset object so; the local runtime does not.
          throw String(error).includes(GONE) ? failure(GONE, RETRYABLE) : error
        }
      }
    },
  })

/** @param {string} kind
 *  @param {any} real */
const namespace = (kind, real) => ({
  /** @param {string} name */
  idFromName: (name) => real.idFromName(name),
  /** @param {unknown[]} how */
  get: (...how) => calling(kind, real.get(...how)),
})

/** @type {WeakMap<object, object>} */
const worlds = new WeakMap()
/** @param {any} env */
function around(env) {
  const world = worlds.get(env) ?? {
    ...env,
    DB: catalogue(env.DB),
    PHONE: namespace('Phone', env.PHONE),
    TRANSACTIONS: namespace('Transactions', env.TRANSACTIONS),
    COUNTER: namespace('Counter', env.COUNTER),
    JOURNAL: namespace('Journal', env.JOURNAL),
    AUDIT_ARCHIVE: env.AUDIT_ARCHIVE && bucket(env.AUDIT_ARCHIVE),
  }
  worlds.set(env, world)
  return world
}

// --- the storage of objects ---

/** @type {WeakSet<object>} */
const patched = new WeakSet()

/** Makes a method of a class of the runtime fail while storage is full.
 *  @param {any} instance
 *  @param {string} method
 *  @param {(given: unknown[]) => boolean} grows */
function failWhenFull(instance, method, grows) {
  const prototype = Object.getPrototypeOf(instance)
  if (patched.has(prototype)) return
  patched.add(prototype)
  const real = prototype[method]
  /** @this {any} @param {unknown[]} given */
  prototype[method] = function (...given) {
    if (grows(given) && take('object storage') !== undefined) throw failure('database or disk is full: SQLITE_FULL')
    return Reflect.apply(real, this, given)
  }
}

// --- the objects themselves ---

/** The verbs of an object's class, which are methods beside its alarm.
 *  @param {object} prototype
 *  @returns {string[]} */
function verbsOf(prototype) {
  if (!Object.hasOwn(prototype, 'alarm')) return verbsOf(Object.getPrototypeOf(prototype))
  return Object.getOwnPropertyNames(prototype).filter((name) => !['constructor', 'alarm'].includes(name))
}

/** @param {string} kind */
function faulty(kind) {
  const Real = built[kind]
  class Faulty extends Real {
    /** @param {any} ctx
     *  @param {object} env */
    constructor(ctx, env) {
      failWhenFull(ctx.storage.sql, 'exec', ([text]) => /^\s*(?:INSERT|UPDATE|WITH)/i.test(String(text)))
      failWhenFull(ctx.storage.kv, 'put', () => true)
      super(ctx, around(env))
    }

    async alarm() {
      const fault = take(`${kind}.alarm`)
      if (fault?.do === 'late') await pause(fault.milliseconds ?? 3000)
      if (fault?.do === 'throw') throw failure('the alarm threw')
      if (fault?.do === 'twice') return Promise.all([super.alarm(), super.alarm()])
      await super.alarm()
      if (fault?.do === 'throw after') throw failure('the alarm threw')
    }
  }
  for (const verb of verbsOf(Real.prototype)) {
    /** @this {any} @param {unknown[]} given */
    const method = async function (...given) {
      const { ctx } = this
      if (take(`${kind}.${verb}`, 'before') !== undefined) return ctx.abort(GONE)
      const gone = take(`${kind}.${verb}`, 'amid')
      if (gone !== undefined) setTimeout(() => ctx.abort(GONE), gone.milliseconds ?? 20)
      const result = await Real.prototype[verb].apply(this, given)
      if (take(`${kind}.${verb}`, 'after') === undefined) return result
      // Only the reply is lost: what was written is stored first.
      await ctx.storage.sync()
      return ctx.abort(GONE)
    }
    Reflect.set(Faulty.prototype, verb, method)
  }
  return Faulty
}

export const Phone = faulty('Phone')
export const Transactions = faulty('Transactions')
export const Counter = faulty('Counter')
export const Journal = faulty('Journal')
/** Begins the hourly rounds now.
 *  @this {any} */
const beginRounds = function () {
  return this.ctx.storage.setAlarm(Date.now())
}
Reflect.set(Journal.prototype, 'beginRounds', beginRounds)

export default {
  /** @param {Request} request
   *  @param {any} env
   *  @param {object} ctx */
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url)
    if (pathname === '/_/faults') {
      const ended = faults
      const next = /** @type {Fault[]} */ (await request.json())
      faults = next.map((fault) => ({ ...fault, left: fault.times ?? Number.POSITIVE_INFINITY }))
      return Response.json(ended)
    }
    if (pathname === '/_/rounds') {
      await env.JOURNAL.get(env.JOURNAL.idFromName('journal')).beginRounds()
      return new Response()
    }
    if (pathname === '/_/catalogue') {
      if (request.method === 'PUT') kept = await keepCatalogue(env.DB)
      else await putBackCatalogue(env.DB)
      return new Response()
    }
    if (pathname === '/_/sql') return Response.json((await env.DB.prepare(await request.text()).all()).results)
    return nod.fetch(request, around(env), ctx)
  },
}
