// `npm start`: serves Nod until it is stopped.
import { relative } from 'node:path'
import { readOptions } from './lib/command-line.mjs'

const USAGE = `Serves Nod on this machine until it is stopped (Ctrl-C).

  npm start

Settings come from the environment. Those of this command:

  PORT          the port to listen on (8787); 0 takes any free one
  HOST          the address to listen on (127.0.0.1). On one that others reach /validate/check takes a service key,
                ADDRESS_HEADER names the header in which a proxy tells the caller's address, and PUBLIC_URL is needed
  NOD_STATE     the state folder: databases and secrets (.nod)

docs/settings.md lists Nod's own settings. Without ADMIN_LOGIN, ADMIN_PASSWORD and MASTER_KEY it makes them once and keeps them
in the state folder.`
readOptions(USAGE, { options: {} })

if (Number(process.versions.node.split('.')[0]) < 22) {
  console.error(`Node ${process.versions.node} is too old to run this by hand; npm start brings its own`)
  process.exit(1)
}
const { serve } = await import('./serve.mjs')
const { isLoopback } = await import('./lib/settings.mjs')
const { terminalQr } = await import('./lib/terminal-qr.mjs')
const { Fault } = await import('./lib/tools.mjs')

const starting = new AbortController()
/** @type {Awaited<ReturnType<typeof serve>> | undefined} */
let nod

async function stop() {
  starting.abort()
  await nod?.stop()
  process.exit(0)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop())

// npm forwards SIGTERM, but nobody forwards SIGKILL: without this, a killed npm would leave the service running.
if (process.env['npm_lifecycle_event'] !== undefined) {
  const npm = process.ppid
  setInterval(() => process.ppid !== npm && void stop(), 500).unref()
}

try {
  nod = await serve(process.env, { signal: starting.signal })
} catch (error) {
  if (starting.signal.aborted) process.exit(0)
  console.error(error instanceof Fault ? error.message : error)
  process.exit(1)
}

const { ADMIN_LOGIN, ADMIN_PASSWORD } = nod.secrets.values
const file = relative(process.cwd(), nod.secrets.file)
const password = process.env['ADMIN_PASSWORD']
  ? 'the password is the one in ADMIN_PASSWORD'
  : nod.secrets.made.includes('ADMIN_PASSWORD')
    ? `password ${ADMIN_PASSWORD} (made just now, kept in ${file})`
    : `the password is in ${file}`
const consoleUrl = `${process.env['PUBLIC_URL'] || nod.url}/console/`
console.log(`Nod serves at ${nod.url}
  console        ${consoleUrl}
  API            ${nod.url}/docs
  administrator  ${ADMIN_LOGIN}, ${password}
  delivery       ${
    nod.firebase.length === 0
      ? 'no Firebase configuration: every token is poll-only'
      : `Firebase configurations: ${nod.firebase.join(', ')}`
  }`)
if (nod.lacksPublicUrl) {
  console.log(`  enrollment     only from this machine: set PUBLIC_URL to the address at which phones reach Nod`)
}
// A phone reaches an address that is not this machine's own.
if (process.stdout.isTTY && !isLoopback(new URL(consoleUrl).hostname)) {
  console.log(`\n${terminalQr(consoleUrl)}\n  the console on your phone`)
}
