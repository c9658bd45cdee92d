// `npm run dev`: serves the sources by `wrangler dev`, on the data and secrets of `npm start`.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { currentBuild } from './lib/build-cache.mjs'
import { readOptions } from './lib/command-line.mjs'
import { migrate } from './lib/database.mjs'
import { isLoopback, listenAddress, LOCAL_NAME, localDefaults, settingsIn } from './lib/settings.mjs'
import { DEV_SECRETS, openState, secretsFor } from './lib/state.mjs'
import { Fault, quietEnvironment, root, wrangler } from './lib/tools.mjs'

const USAGE = `Serves Nod from its sources by \`wrangler dev\`, and builds it again at every change of src.

  npm run dev

PORT, HOST and NOD_STATE in the environment mean the same as for \`npm start\`, whose data and secrets it uses.`
readOptions(USAGE, { options: {} })

try {
  const { host, port } = listenAddress(process.env)
  if (!isLoopback(host)) {
    throw new Fault(`HOST: ${host} is reached by others, and wrangler dev believes their headers; use npm start there`)
  }
  const state = openState(process.env['NOD_STATE'])
  const settings = settingsIn(process.env)
  const secrets = secretsFor(state.path, settings)
  await migrate(state.path, await currentBuild())

  // In a file, because every user of the machine can read the command line.
  const file = join(state.path, DEV_SECRETS)
  const lines = Object.entries({
    ...localDefaults(host, settings['ADDRESS_HEADER']),
    ...settings,
    ...secrets.values,
  }).map(([name, value]) => `${name}='${quoted(name, value)}'\n`)
  writeFileSync(file, lines.join(''), { mode: 0o600 })

  console.log(`Nod will serve at http://${host}:${port}, built again at every change of src
  administrator  ${secrets.values['ADMIN_LOGIN']}, the secrets are in ${secrets.file}`)
  // Its objects are kept under the Worker's name, as those of `npm start`.
  const args = [
    'dev',
    '--name',
    LOCAL_NAME,
    '--ip',
    host,
    '--port',
    String(port),
    '--persist-to',
    state.path,
    '--env-file',
    file,
  ]
  // The inspector's default port may be in use by another one; the interactive keys need a terminal.
  const more = ['--inspector-port', '0', '--show-interactive-dev-session=false', '--log-level', 'warn']
  const child = spawn(process.execPath, [wrangler, ...args, ...more], {
    cwd: root,
    env: quietEnvironment(),
    stdio: 'inherit',
  })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => process.exit(code ?? 1))
} catch (error) {
  console.error(error instanceof Fault ? error.message : error)
  process.exit(1)
}

/** Escapes a value for a dotenv file's single quotes: only `$` has a meaning there, as the start of a variable.
 *  @param {string} name
 *  @param {string} value */
function quoted(name, value) {
  // In JSON a single quote can be escaped; other settings do not need one.
  const literal = name.startsWith('FIREBASE_') ? value.replaceAll("'", String.raw`\u0027`) : value
  if (literal.includes("'")) throw new Fault(`${name}: a single quote cannot be handed to wrangler dev`)
  return literal.replaceAll('$', String.raw`\$`)
}
