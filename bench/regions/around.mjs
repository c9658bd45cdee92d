// Wraps the built Nod in a world: each call to D1, to an object or to Google takes the round trip between where it is made and
// where it goes. A request says in a header where it arrives. A Worker has an `env` for each region, so what an isolate caches is
// cached for each region apart. Nod itself is unchanged.
// @ts-expect-error -- the bundle, which lies beside this file when both are served
import nod, * as built from './index.js'

/** @typedef {{ at: 'before' | 'after', what: string, from: string, to: string, start: number, end: number }} Leg */

/** Milliseconds from region to region. */
/** @type {Readonly<Record<string, Readonly<Record<string, number>>>>} */
let roundTrips = {}
let [primary, google] = ['weur', 'enam']
/** Half round trips, as long as they are recorded.
 *  @type {Leg[] | undefined} */
let legs

/** Where each object lives: where it was first called from, or where that call's hint said.
 *  @type {Map<string, string>} */
const homes = new Map()
/** @type {WeakMap<object, string>} */
const names = new WeakMap()

/** @param {Omit<Leg, 'start' | 'end'>} leg */
async function travel(leg) {
  const milliseconds = (roundTrips[leg.from]?.[leg.to] ?? 0) / 2
  const start = Date.now()
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
  legs?.push({ ...leg, start, end: Date.now() })
}

/** @template T
 *  @param {{ what: string, from: string, to: string }} way
 *  @param {() => Promise<T>} call
 *  @returns {Promise<T>} */
async function thereAndBack(way, call) {
  await travel({ at: 'before', ...way })
  try {
    return await call()
  } finally {
    await travel({ at: 'after', ...way })
  }
}

// --- D1 ---

/** @type {WeakMap<object, any>} */
const inside = new WeakMap()

/** @param {any} real
 *  @param {<T>(call: () => Promise<T>) => Promise<T>} ask */
function statement(real, ask) {
  const wrapped = {
    /** @param {unknown[]} values */
    bind: (...values) => statement(real.bind(...values), ask),
    /** @param {unknown[]} how */
    first: (...how) => ask(() => Reflect.apply(real.first, real, how)),
    run: () => ask(() => real.run()),
    all: () => ask(() => real.all()),
    /** @param {unknown[]} how */
    raw: (...how) => ask(() => Reflect.apply(real.raw, real, how)),
  }
  inside.set(wrapped, real)
  return wrapped
}

/** Without a session, and in one that begins at the primary, every query goes to the primary. Other sessions read the replica
 *  of their region; what they write goes to the primary.
 *  @param {any} real
 *  @param {string} from
 *  @param {'D1' | 'replica'} kind */
function catalogue(real, from, kind = 'D1') {
  /** @template T
   *  @param {() => Promise<T>} call */
  const ask = (call) => thereAndBack({ what: kind, from, to: kind === 'D1' ? primary : from }, call)
  /** Says who has answered, as D1 does.
   *  @param {any[]} results */
  const said = (results) =>
    kind === 'D1' ? results : results.map((one) => ({ ...one, meta: { ...one.meta, served_by_primary: false } }))
  return {
    /** @param {string} sql */
    prepare: (sql) => statement(real.prepare(sql), ask),
    /** @param {object[]} list */
    batch: (list) => ask(async () => said(await real.batch(list.flatMap((one) => inside.get(one) ?? [])))),
    /** @param {string} [how] */
    withSession: (how) =>
      catalogue(real.withSession(how), from, how === undefined || how === 'first-primary' ? 'D1' : 'replica'),
    getBookmark: () => real.getBookmark(),
  }
}

// --- objects ---

/** @param {string} kind
 *  @param {any} real
 *  @param {string} from */
const namespace = (kind, real, from) => ({
  /** @param {string} name */
  idFromName(name) {
    const id = real.idFromName(name)
    names.set(id, name)
    return id
  },
  /** @param {object} id
   *  @param {{ locationHint?: string }} [how] */
  get(id, how) {
    const name = `${kind} ${names.get(id)}`
    const to = homes.get(name) ?? how?.locationHint ?? from
    homes.set(name, to)
    const stub = real.get(id, how)
    return new Proxy(stub, {
      get: (_, verb) =>
        typeof verb === 'string' && verb !== 'then'
          ? (/** @type {unknown[]} */ ...given) =>
              thereAndBack({ what: `${kind}.${verb}`, from, to }, () => stub[verb](...given))
          : undefined,
    })
  },
})

const KINDS = /** @type {const} */ (['Phone', 'Transactions', 'Counter', 'Journal'])

/** @type {WeakMap<object, Map<string, object>>} */
const worlds = new WeakMap()
/** The environment as a Worker or an object sees it that runs in this region.
 *  @param {any} env
 *  @param {string} region
 *  @param {'Worker' | 'object'} runs */
function around(env, region, runs) {
  const known = worlds.get(env) ?? new Map()
  worlds.set(env, known)
  const name = `${runs} ${region}`
  if (!known.has(name)) {
    const objects = Object.fromEntries(
      KINDS.map((kind) => [kind.toUpperCase(), namespace(kind, env[kind.toUpperCase()], region)]),
    )
    // Google's address says where it is called from.
    const fcm = `${env.FCM_URL}/from/${region}`
    const firebase = Object.keys(env).filter((key) => key.startsWith('FIREBASE_'))
    const accounts = firebase.map((key) => [key, env[key].replaceAll(env.FCM_URL, fcm)])
    known.set(name, {
      ...env,
      ...objects,
      ...Object.fromEntries(accounts),
      DB: catalogue(env.DB, region),
      FCM_URL: fcm,
      EDGE: 'cloudflare',
    })
  }
  return known.get(name)
}

// --- Google ---

const realFetch = globalThis.fetch
/** @type {typeof fetch} */
globalThis.fetch = (input, init) => {
  const url = String(input instanceof Request ? input.url : input)
  const [, from = google] = /\/from\/(\w+)/.exec(url) ?? []
  const plain = url.replace(/\/from\/\w+/, '')
  return thereAndBack({ what: 'Google', from, to: google }, () => realFetch(plain, init))
}

// --- the Worker and its objects ---

/** @param {(typeof KINDS)[number]} kind */
const living = (kind) =>
  class extends built[kind] {
    /** @param {any} ctx
     *  @param {object} env */
    constructor(ctx, env) {
      super(ctx, around(env, homes.get(`${kind} ${ctx.id.name}`) ?? primary, 'object'))
    }
  }

export const Phone = living('Phone')
export const Transactions = living('Transactions')
export const Counter = living('Counter')
export const Journal = living('Journal')

/** What Cloudflare says of a caller in each region. */
const PLACES = {
  wnam: { continent: 'NA', longitude: '-122.3' },
  enam: { continent: 'NA', longitude: '-77.5' },
  weur: { continent: 'EU', longitude: '4.9' },
  eeur: { continent: 'EU', longitude: '21.0' },
  apac: { continent: 'AS', longitude: '103.8' },
  oc: { continent: 'OC', longitude: '151.2' },
}

export default {
  /** @param {Request} request
   *  @param {any} env
   *  @param {object} ctx */
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url)
    if (pathname === '/_/world') {
      const world = await request.json()
      roundTrips = world.roundTrips
      primary = world.primary
      google = world.google
      return new Response()
    }
    if (pathname === '/_/legs') {
      const recorded = legs ?? []
      legs = request.method === 'DELETE' ? undefined : []
      return Response.json(recorded)
    }
    const region = request.headers.get('X-World-Region') ?? primary
    const cf = PLACES[/** @type {keyof typeof PLACES} */ (region)]
    const placed = new Request(request, /** @type {RequestInit} */ ({ cf, signal: request.signal }))
    // The edge that a caller reaches is in the caller's region.
    return thereAndBack({ what: 'edge', from: region, to: region }, () =>
      nod.fetch(placed, around(env, region, 'Worker'), ctx),
    )
  },
}
