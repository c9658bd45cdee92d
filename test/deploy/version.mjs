// Wraps an uploaded version for a machine on which two of them run: each object runs in one version only, which is chosen by the
// object's id and the shares of the traffic. Source: Cloudflare, "Gradual deployments with Durable Objects".
/** @param {string} id */
function shareOf(id) {
  let hash = 2_166_136_261
  for (const letter of id) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619) >>> 0
  return hash % 100
}

/** @typedef {readonly { binding: string, until: number }[]} Shares the bindings of all versions, with where each share ends */

/** A namespace over those of all versions.
 *  @param {any} env
 *  @param {Shares} shares
 *  @param {string} [place] */
function namespace(env, shares, place = '') {
  const versions = shares.map(({ binding, until }) => ({ until, own: env[`${binding}${place}`] }))
  return {
    /** @param {string} name */
    idFromName: (name) => versions[0]?.own.idFromName(name),
    /** @param {any} id
     *  @param {any[]} how */
    get: (id, ...how) => {
      const share = shareOf(String(id))
      const found = versions.find(({ until }) => share < until) ?? versions.at(-1)
      return found?.own.get(found.own.idFromName(id.name), ...how)
    },
    /** @param {string} name */
    jurisdiction: (name) => namespace(env, shares, `_${name}`),
  }
}

/** @type {WeakMap<object, object>} */
const worlds = new WeakMap()
/** @param {any} env */
function around(env) {
  const made = worlds.get(env)
  if (made !== undefined) return made
  const { OBJECTS, ...world } = env
  for (const [binding, shares] of Object.entries(OBJECTS)) world[binding] = namespace(env, shares)
  worlds.set(env, world)
  return world
}

/** A class of objects of the version.
 *  @param {any} Class */
export const inside = (Class) =>
  class extends Class {
    /** @param {any} ctx
     *  @param {any} env */
    constructor(ctx, env) {
      super(ctx, around(env))
    }
  }

/** The version itself.
 *  @param {any} handler */
export const serving = (handler) => ({
  /** @param {Request} request
   *  @param {any} env
   *  @param {any} ctx */
  fetch: (request, env, ctx) => handler.fetch(request, around(env), ctx),
})
