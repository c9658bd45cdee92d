// Serves the built Nod as isolates and objects with different secrets, side by side on one state: during a deployment, Cloudflare
// does the same for up to 300 seconds. Nod itself is unchanged; it is given another `env`, and keeps what it caches for each `env`.
// The header `x-secrets` says which secrets the isolate has that answers a request. `POST /_/objects` restarts all objects with the
// secrets of its body. `POST /_/isolates` sets those of requests without the header, and begins with new isolates.
// @ts-expect-error -- the bundle, which stands beside this file where both are served
import nod, * as built from './index.js'

/** @type {Map<string, object>} */
let isolates = new Map()
let ofIsolates = '{}'
let ofObjects = '{}'

/** The environment with these secrets: one object for each, since each is an isolate of its own.
 *  @param {any} env
 *  @param {string} secrets */
function having(env, secrets) {
  const known = isolates.get(secrets) ?? { ...env, MASTER_KEY_PREVIOUS: '', ...JSON.parse(secrets) }
  isolates.set(secrets, known)
  return known
}

/** @type {Set<string>} */
const alive = new Set()

/** @param {'Phone' | 'Transactions' | 'Counter' | 'Journal'} kind */
function restartable(kind) {
  const Real = built[kind]
  return class extends Real {
    /** @param {any} ctx
     *  @param {any} env */
    constructor(ctx, env) {
      // An env of its own: objects are other isolates than those that answer requests.
      super(ctx, { ...env, MASTER_KEY_PREVIOUS: '', ...JSON.parse(ofObjects) })
      alive.add(`${kind} ${ctx.id.name}`)
    }

    restartWithNewSecrets() {
      /** @type {any} */
      const object = this
      object.ctx.abort('a deployment restarts it')
    }
  }
}

export const Phone = restartable('Phone')
export const Transactions = restartable('Transactions')
export const Counter = restartable('Counter')
export const Journal = restartable('Journal')

export default {
  /** @param {Request} request
   *  @param {any} env
   *  @param {object} ctx */
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url)
    if (pathname === '/_/sql') return Response.json((await env.DB.prepare(await request.text()).all()).results)
    if (pathname === '/_/isolates') {
      ofIsolates = await request.text()
      isolates = new Map()
      return new Response()
    }
    if (pathname === '/_/objects') {
      ofObjects = await request.text()
      for (const one of alive) {
        const [kind = '', ...name] = one.split(' ')
        const namespace = env[kind.toUpperCase()]
        await namespace
          .get(namespace.idFromName(name.join(' ')))
          .restartWithNewSecrets()
          .catch(() => undefined)
      }
      const restarted = alive.size
      alive.clear()
      return Response.json(restarted)
    }
    return nod.fetch(request, having(env, request.headers.get('x-secrets') ?? ofIsolates), ctx)
  },
}
