import { once } from 'node:events'
import { copyFileSync, cpSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Log, LogLevel } from 'miniflare'
import { currentBuild } from './lib/build-cache.mjs'
import { migrate } from './lib/database.mjs'
import { ADDRESS_HEADER, startFront } from './lib/front.mjs'
import { openFiles, waitersPerShard } from './lib/open-files.mjs'
import { startRuntime } from './lib/runtime.mjs'
import { isLoopback, listenAddress, localDefaults, settingsIn } from './lib/settings.mjs'
import { openState, secretsFor } from './lib/state.mjs'
import { Fault } from './lib/tools.mjs'
import { unwatch } from './lib/watchdog.mjs'

/** @typedef {import('./lib/build-cache.mjs').Build} Build */
/** @typedef {{ worker: Record<string, unknown>, tail: string | undefined, assets: unknown }} Served Nod, what it is traced by, and the
 *  static assets of its pages */

/** Serves Nod: the bundle that would be deployed, in workerd, on a state folder of its own. Requests are answered when it
 *  returns; after `stop()` no process of it is left. `database()` is its D1, for tests.
 *  Throws a Fault for an occupied port or folder, a setting that Nod refuses, a bundle that does not build.
 *  @param {Record<string, string | undefined>} settings as in the environment: PORT, HOST, NOD_STATE and Nod's own
 *  @param {{ signal?: AbortSignal | undefined, version?: { id: string } | undefined, around?: string | undefined, apply?: (statements: Build['migrations']) => Build['migrations'], databases?: Record<string, string>, tail?: string }} [options]
 *  `signal` gives up while it is still starting. `version` is the one that it serves as, as Cloudflare tells a Worker. For tests of faults: `around` is a module to serve in the bundle's place, which it
 *  imports as `./index.js`; `apply` chooses the migrations to apply, and Nod is served although they do not suffice;
 *  `databases` are further ones, by the names of their bindings, for `around`. `tail` is the source of a streaming tail Worker, which
 *  makes every request a traced one */
export async function serve(settings, { signal, version, around, apply, databases = {}, tail } = {}) {
  const { host, port } = listenAddress(settings)
  await findFreePort(host, port)
  const state = openState(settings['NOD_STATE'])
  try {
    const nodSettings = settingsIn(settings)
    const secrets = secretsFor(state.path, nodSettings)
    const folder = join(state.path, 'bundle')
    const build = await currentBuild(signal)
    cpSync(build.folder, folder, { recursive: true })
    const pages = join(state.path, 'pages')
    rmSync(pages, { recursive: true, force: true })
    cpSync(build.pages, pages, { recursive: true })
    await migrate(state.path, apply === undefined ? build : { ...build, migrations: apply(build.migrations) })
    signal?.throwIfAborted()
    const script = join(folder, 'index.js')
    const scripts = around === undefined ? [script] : [join(folder, 'around.mjs'), script]
    if (around !== undefined) copyFileSync(around, join(folder, 'around.mjs'))
    const variables = {
      ...build.worker['bindings'],
      ...localDefaults(host, nodSettings['ADDRESS_HEADER']),
      ...nodSettings,
      ...secrets.values,
    }
    const values = {
      SHARD_WAITERS: String(waitersPerShard(openFiles(), variables['TRANSACTION_SHARDS'])),
      ...variables,
      // On another address the front reads that header.
      ...(isLoopback(host) ? {} : { ADDRESS_HEADER }),
    }
    const where = { host, port, state: state.path, trustedHeader: nodSettings['ADDRESS_HEADER'] }
    // Nobody's audit is kept for ever on this machine unless they ask for an archive.
    const archive = variables['AUDIT_ARCHIVE_MODE'] === 'required' ? { r2Buckets: { AUDIT_ARCHIVE: 'nod-audit' } } : {}
    const d1Databases = { ...build.worker['d1Databases'], ...databases }
    const { assets, versionMetadata = 'CF_VERSION_METADATA', ...options } = build.worker
    const bindings = { ...values, ...(version && { [versionMetadata]: version }) }
    const worker = { ...options, ...archive, d1Databases, bindings, serviceBindings: { ASSETS: PAGES_WORKER } }
    const { dispose, database, served } = await startListening(
      { worker, tail, assets: { ...assets, directory: pages } },
      scripts,
      where,
    )
    const stop = async () => {
      await dispose()
      await unwatch()
      state.release()
    }
    try {
      if (apply === undefined) await expectHealthy(served)
    } catch (error) {
      await stop()
      throw error
    }
    const firebase = Object.keys(nodSettings).flatMap((name) => (name.startsWith('FIREBASE_') ? [name.slice(9)] : []))
    const lacksPublicUrl = !isLoopback(host) && !nodSettings['PUBLIC_URL']
    return { url: served.origin, stop, secrets, firebase, state: state.path, lacksPublicUrl, database }
  } catch (error) {
    state.release()
    throw error
  }
}

/** Returns the port, or any free one for 0.
 *  @param {string} host
 *  @param {number} port */
async function findFreePort(host, port) {
  const probe = createServer()
  try {
    probe.listen(port, host)
    await once(probe, 'listening')
  } catch (error) {
    throw cannotListen(/** @type {NodeJS.ErrnoException} */ (error).code, host, port)
  }
  const { port: free } = /** @type {import('node:net').AddressInfo} */ (probe.address())
  probe.close()
  await once(probe, 'close')
  return free
}

/** @param {string | undefined} code
 *  @param {string} host
 *  @param {number} port */
const cannotListen = (code, host, port) =>
  code === 'EADDRINUSE'
    ? new Fault(`Port ${port} on ${host} is in use: stop what serves there, or set PORT (PORT=0 takes any free one)`)
    : new Fault(`Cannot listen on ${host} port ${port} (${code}): set HOST and PORT to an address of this machine`)

const PAGES_WORKER = 'nod-pages'
const TAIL_WORKER = 'nod-tail'

/** A Worker that serves the static assets, for Nod to ask. As assets of Nod itself they would be served by a Worker before it,
 *  through which every request goes: Nod then answers half as many.
 *  @param {any} assets as wrangler.toml describes them */
const pagesWorker = (assets) => ({
  name: PAGES_WORKER,
  modules: /** @type {const} */ (true),
  script: 'export default { fetch: () => new Response(null, { status: 404 }) }',
  assets,
})

/** Starts workerd, and on an address that others reach a front before it. `dispose` ends both.
 *  @param {Served} what
 *  @param {readonly string[]} scripts the first of them answers
 *  @param {{ host: string, port: number, state: string, trustedHeader: string | undefined }} where */
async function startListening(what, scripts, { host, port, state, trustedHeader }) {
  try {
    if (isLoopback(host)) return await startWorkerd(what, scripts, { host, port, state })
    // A port of its own, which stays the same when Miniflare starts workerd anew.
    const innerPort = await findFreePort('127.0.0.1', 0)
    const inner = await startWorkerd(what, scripts, { host: '127.0.0.1', port: innerPort, state })
    try {
      const front = await startFront({ host, port, target: inner.served, trustedHeader })
      const dispose = async () => {
        await front.stop()
        await inner.dispose()
      }
      return { dispose, database: inner.database, served: front.url }
    } catch (error) {
      await inner.dispose()
      throw error
    }
  } catch (error) {
    await unwatch()
    // Taken since the probe.
    const { code = '' } = /** @type {{ code?: string }} */ (error)
    throw /ADDR_?INUSE|ADDRESS_IN_USE/.test(code) ? cannotListen('EADDRINUSE', host, port) : error
  }
}

/** Starts workerd on a loopback address. Miniflare's own worker in front of it, which costs more than the rest of an HTTP exchange
 *  (docs/performance.md), is passed by.
 *  @param {Served} what
 *  @param {readonly string[]} scripts
 *  @param {{ host: string, port: number, state: string }} where */
async function startWorkerd({ worker, tail, assets }, scripts, { host, port, state }) {
  const modules = scripts.map((path) => ({ type: /** @type {const} */ ('ESModule'), path }))
  const code = { modules, modulesRoot: join(state, 'bundle') }
  const started = startRuntime({
    host: '127.0.0.1',
    port: 0,
    workers: [
      {
        ...worker,
        ...code,
        // Nod never forwards a caller's headers, so nothing has to be removed from requests to FCM: that would copy each one.
        stripCfConnectingIp: false,
        unsafeDirectSockets: [{ host, port }],
        ...(tail === undefined ? {} : { streamingTails: [TAIL_WORKER] }),
      },
      pagesWorker(assets),
      ...(tail === undefined ? [] : [{ name: TAIL_WORKER, modules: /** @type {const} */ (true), script: tail }]),
    ],
    resourcePersistencePath: join(state, 'v3'), // where `wrangler dev --persist-to` keeps the same data
    cf: false, // a fixed sample of request.cf; the other choice is to fetch one
    logRequests: false, // a URL may hold a service key; and each line would cost a call to this process
    log: new Log(LogLevel.WARN),
    handleStructuredLogs: ({ level, message }) =>
      (level === 'error' || level === 'warn' ? process.stderr : process.stdout).write(`${message}\n`),
  })
  const dispose = () => started.dispose()
  const database = () => started.getD1Database('DB')
  try {
    await started.ready
    return { dispose, database, served: await started.unsafeGetDirectURL() }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** Checks that requests are answered. If a setting is wrong, Nod answers with the list of faults.
 *  @param {URL} served */
async function expectHealthy(served) {
  const answer = await fetch(new URL('/healthz', served), { signal: AbortSignal.timeout(30_000) })
  const text = await answer.text()
  if (answer.status !== 200) throw new Fault(`Nod does not start (GET /healthz: ${answer.status})\n${text.trim()}`)
}
