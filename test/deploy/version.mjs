// Wraps an uploaded version for a machine on which two of them run: each object runs in one version only, which is chosen by the
// object's id and the shares of the traffic. Source: Cloudflare, "Gradual deployments with Durable Objects".
/** @param {string} id */
function shareOf(id) {
  let hash = 2_166_136_261
  for (const letter of id) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619) >>> 0
  return hash % 100
}

/** A namespace over those of all versions. The local runtime has no jurisdictions: there, a prefix of the name stands for one.
 *  @param {readonly { namespace: any, until: number }[]} versions
 *  @param {string} [prefix] */
const namespace = (versions, prefix = '') => ({
  /** @param {string} name */
  idFromName: (name) => versions[0]?.namespace.idFromName(`${prefix}${name}`),
  /** @param {any} id
   *  @param {any[]} how */
  get: (id, ...how) => {
    const share = shareOf(String(id))
    const found = versions.find(({ until }) => share < until) ?? versions.at(-1)
    return found?.namespace.get(found.namespace.idFromName(id.name), ...how)
  },
  /** @param {string} name */
  jurisdiction: (name) => namespace(versions, `${name}:`),
})

/** @type {WeakMap<object, object>} */
const worlds = new WeakMap()
/** @param {any} env */
function around(env) {
  const made = worlds.get(env)
  if (made !== undefined) return made
  const { OBJECTS, ...world } = env
  for (const [binding, versions] of Object.entries(OBJECTS))
    world[binding] = namespace(
      versions.map((/** @type {{ binding: string, until: number }} */ one) => ({
        namespace: env[one.binding],
        until: one.until,
      })),
    )
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
