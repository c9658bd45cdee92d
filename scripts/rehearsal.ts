/** `npm run rehearsal`: moves simulated phones from a real privacyIDEA or eduMFA to Nod, live and under load, and counts what was lost. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kind as ServerKind } from '../test/import/old-server.ts'
import { startGoogle } from '../test/simulation/google.ts'
import type { Phone } from '../test/simulation/phone.ts'
import { reasonOf } from '../test/simulation/reply.ts'
import { endWithUsage, readNumber, readOptions } from './lib/command-line.mjs'
import { Fault } from './lib/tools.mjs'
import { Address, type Target } from './rehearsal/address.ts'
import { move } from './rehearsal/move.ts'
import { enrollAll, type PinHash, prepareOld, startOld } from './rehearsal/old-world.ts'
import { planUsers } from './rehearsal/people.ts'
import { countsOf, isFaultless, lastLine, phaseTable } from './rehearsal/result.ts'

const USAGE = `Rehearses a move: a real privacyIDEA or eduMFA, installed from PyPI, simulated phones that enroll there, and Nod beside it.

  npm run rehearsal -- [options]

  --server <privacyidea|edumfa>   what users move from (privacyidea)
  --version <version>             of it (3.14; eduMFA 2.9.5)
  --phones <number>               how many phones enroll there, 10 or more (200; with eduMFA 40)
  --logins <number>               how many logins each step waits for (half the number of phones)
  --pins <pbkdf2|argon2>          how the old server hashes PINs: Nod can compare those of pbkdf2 (the default); about each of
                                  argon2 it asks the old server once
  --plant-loss                    deletes the token of one user during the move, to see that it is counted
  --keep                          keeps the folder with the databases and the log of the old server
  --help

Users of two realms log in all the time: by PIN and phone, by a trigger, by a number that they tap, by a one-time password, with
two phones; some decline, some mistype; disabled and locked tokens and users without one have to be kept out. Meanwhile Nod starts
and imports, the address is led to it, phones register whose QR code was scanned before, the realms are cut over by percentage,
phones get new registration tokens, and one realm is moved back. eduMFA has no numbers to tap, and its realms move with --other-tokens off,
so nobody has one-time passwords there. Services and phones know one address throughout.

The server makes a key of 4096 bits for each phone, which takes most of the time: 200 phones about ten minutes on two idle cores.
It needs Python 3.10 to 3.13, and keeps the installation in NOD_CACHE (~/.cache/nod).
It ends with 0 if no login was lost, no phone had to be enrolled again and nobody was let in wrongly, with 1 otherwise.`

const RELEASES: Readonly<Record<ServerKind, string>> = { privacyidea: '3.14', edumfa: '2.9.5' }
const NAMES: Readonly<Record<ServerKind, string>> = { privacyidea: 'privacyIDEA', edumfa: 'eduMFA' }
const FEWEST = 10

const { values } = readOptions(USAGE, {
  options: {
    server: { type: 'string', default: 'privacyidea' },
    version: { type: 'string' },
    phones: { type: 'string' },
    logins: { type: 'string' },
    pins: { type: 'string', default: 'pbkdf2' },
    'plant-loss': { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
})

const kind = (['privacyidea', 'edumfa'] as const).find((one) => one === values.server)
if (kind === undefined) endWithUsage(`--server: expected privacyidea or edumfa, got ${values.server}`)
const pins = (['pbkdf2', 'argon2'] as const).find((one) => one === values.pins)
if (pins === undefined) endWithUsage(`--pins: expected pbkdf2 or argon2, got ${values.pins}`)
const phones = readNumber('phones', values.phones ?? (kind === 'edumfa' ? '40' : '200'), FEWEST)
const logins = readNumber('logins', values.logins ?? String(Math.ceil(phones / 2)))

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => stopping.abort(new Fault('Stopped')))

const began = Date.now()
const say = (text: string): void => {
  const seconds = Math.round((Date.now() - began) / 1000)
  console.log(`${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, '0')}  ${text}`)
}

async function rehearse(server: ServerKind, pinHash: PinHash, folder: string): Promise<number> {
  const { signal } = stopping
  const users = planUsers(phones, server === 'edumfa')
  const known = new Set<Phone>()
  const google = await startGoogle({
    onMessage: ({ registrationToken, data }) =>
      [...known].find((phone) => phone.registrationToken === registrationToken)?.receive(data),
  })
  const stops: (() => Promise<unknown>)[] = [() => google.stop()]
  try {
    const version = values.version ?? RELEASES[server]
    say(`${NAMES[server]} ${version} starts`)
    const old = await startOld(server, version, join(folder, 'old'), google, pinHash)
    stops.unshift(() => old.stop())
    const accepted = new Set<string>()
    const oldTarget: Target = {
      url: old.url,
      onAnswer(request, answer) {
        const id = /[?& ]transaction_id=(\d+)/.exec(request)?.[1]
        if (id !== undefined && /"authentication": ?"ACCEPT"/.test(answer)) accepted.add(id)
      },
    }
    const address = await Address.lead(oldTarget)
    stops.unshift(() => address.stop())
    await prepareOld(old, address.url, users, google)
    say(`${phones} phones of ${users.length} users enroll`)
    const waiting = await enrollAll(old, users, (phone) => known.add(phone), signal)
    const { traffic, broken } = await move({
      old,
      oldTarget,
      address,
      google,
      users,
      waiting,
      // Of a login that is open on both, the second part of the id is the old server's.
      acceptedThere: (id) => accepted.has(id) || accepted.has(id.slice(21)),
      folder,
      logins,
      plantsLoss: values['plant-loss'],
      signal,
      say,
    })
    const { attempts } = traffic
    const counts = countsOf(attempts, broken.size)
    console.log(`\n${phaseTable(attempts)}\n`)
    for (const serial of broken) console.log(`${serial} has to be enrolled again`)
    console.log(lastLine(attempts, counts, phones, NAMES[server]))
    return isFaultless(counts) ? 0 : 1
  } finally {
    for (const stop of stops) await stop()
  }
}

const folder = mkdtempSync(join(tmpdir(), 'nod-rehearsal-'))
try {
  process.exitCode = await rehearse(kind, pins, folder)
} catch (error) {
  console.error(error instanceof Fault ? error.message : `The rehearsal could not go on: ${reasonOf(error)}`)
  process.exitCode = 1
} finally {
  if (values.keep) console.error(`Its files: ${folder}`)
  else rmSync(folder, { recursive: true, force: true })
}
