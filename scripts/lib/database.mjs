import { join } from 'node:path'
import { Fault, miniflare, node } from './tools.mjs'

/** The migrations applied to a state folder, and the Worker as wrangler.toml describes it.
 *  @param {string} state
 *  @param {AbortSignal} [signal]
 *  @returns {Promise<Record<string, any>>} */
export async function prepare(state, signal) {
  const done = await node([join(import.meta.dirname, 'prepare.mjs'), state], { signal })
  if (done.code !== 0) throw new Fault(`The database could not be prepared:\n${done.stderr}`)
  return JSON.parse(done.stdout.trim().split('\n').at(-1) ?? '')
}

/** The database of a state folder, for whoever has taken the folder, with no Nod beside it.
 *  @param {string} state */
export async function openDatabase(state) {
  const { d1Databases, compatibilityDate } = await prepare(state)
  const { Miniflare, convertV4MiniflareOptions } = miniflare()
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: 'export default {}',
      compatibilityDate,
      d1Databases,
      resourcePersistencePath: join(state, 'v3'),
      cf: false,
    }),
  )
  return { db: await runtime.getD1Database('DB'), close: () => runtime.dispose() }
}
