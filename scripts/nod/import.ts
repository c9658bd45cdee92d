import { createInterface } from 'node:readline/promises'
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { POLL_ONLY } from '../../src/vocabulary.ts'
import { firebaseSecret } from '../../src/vocabulary/firebase.ts'
import type { ImportSource } from '../../src/vocabulary/imports.ts'
import { endWithUsage } from '../lib/command-line.mjs'
import { Fault } from '../lib/tools.mjs'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'
import { lookThrough, type PlanOptions, type SourceServer } from './import/plan.ts'
import { importPolicies, reportPolicies } from './import/import-policies.ts'
import { PUSH_TYPES } from './import/read.ts'
import { printFaults, Progress, Tally } from './import/report.ts'
import { batches, compare, importBatch, type Mark, tryKeys } from './import/send.ts'
import { readImportSource, readSourceOptions, SOURCE_OPTIONS } from './import/source-options.ts'
import type { TokenFault } from './import/token.ts'
import { printable } from './printable.ts'

export const importTokens = command({
  name: 'import',
  summary: 'Takes over the push tokens of a privacyIDEA or eduMFA, so that no phone has to be enrolled again.',
  usage: `  npm run nod -- import privacyidea --db <address or file> --enckey <file> [options]
  npm run nod -- import edumfa --db <address or file> --enckey <file> [options]

  --db <address>             its database: an SQLite file, or an address as in pi.cfg (mysql+pymysql://…, postgresql://…). It is not changed
  --enckey <file>            the file that PI_ENCFILE (EDUMFA_ENCFILE) names
  --config <file>            its pi.cfg, in place of --db and --enckey
  --dry-run                  says what would be imported, what would differ and what would be left out, and changes nothing
  --yes                      does not ask before it begins
  --policies                 also imports policies, settings and the default realm, and replaces those of the same name
  --passwd <resolver=file>   the file of users of a passwd resolver, if it is not where the other server has it
  --users <file.csv>         users that the database does not name (LDAP): columns resolver, user_id, login, given_name, surname, email
  --realm <realm>            only tokens of users in this realm; may be given several times
  --registration-url <url>   where the phones were told to register, if the policies do not say so
  --firebase <old=new>       a Firebase configuration that has another name here, or \`old=poll only\`; may be given several times
  --pins <upstream|unset>    PINs that Nod cannot compare: the other server checks them (default), or users set new ones
  --schema <migration>       the last migration, if the database does not name it
  --skip-faulty              leaves out tokens that cannot be imported, and imports the others
${URL_USAGE}

All tokens are checked first. If one cannot be imported, the command names it and imports nothing. It can be repeated at any time, and
sends only what is new or was changed there since. Its exit code is 0 when every token is here and its key works.`,
  options: {
    ...URL_OPTION,
    ...SOURCE_OPTIONS,
    config: { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
    yes: { type: 'boolean', default: false },
    policies: { type: 'boolean', default: false },
    'skip-faulty': { type: 'boolean', default: false },
  },
  positionals: ['<privacyidea|edumfa>'],
  async run(values, [name = '']) {
    const source = readImportSource(name)
    const options = readSourceOptions(values, values.config === undefined ? {} : readConfig(values.config))
    const isDry = values['dry-run']
    if (!isDry && !values.yes && !process.stdin.isTTY) endWithUsage('Without a terminal, say --yes or --dry-run')
    const nod = new NodClient(values.url)
    const server = await lookThrough(source, options)
    try {
      await runImport(nod, source, server, {
        isDry,
        isSure: values.yes,
        withPolicies: values.policies,
        skipsFaulty: values['skip-faulty'],
      })
    } finally {
      await server.db.close()
    }
  },
})

/** What pi.cfg says of the database and the enckey: `SQLALCHEMY_DATABASE_URI = '…'`. */
function readConfig(file: string): Partial<Pick<PlanOptions, 'db' | 'enckey'>> {
  if (!existsSync(file)) throw new Fault(`${file} does not exist`)
  const content = readFileSync(file, 'utf8')
  const value = (name: string) => new RegExp(`^\\s*${name}\\s*=\\s*(['"])(.*)\\1\\s*(?:#.*)?$`, 'm').exec(content)?.[2]
  const db = value('SQLALCHEMY_DATABASE_URI')
  const enckey = value('(?:PI|EDUMFA)_ENCFILE')
  return { ...(db === undefined ? {} : { db }), ...(enckey === undefined ? {} : { enckey }) }
}

interface Wishes {
  readonly isDry: boolean
  readonly isSure: boolean
  readonly withPolicies: boolean
  readonly skipsFaulty: boolean
}

async function runImport(nod: NodClient, source: ImportSource, server: SourceServer, wishes: Wishes): Promise<void> {
  const marks = [...server.sound].map(([serial, { digest }]): Mark => ({ serial, digest }))
  const states = await compare(nod, marks)
  const taken = marks.flatMap(({ serial }) =>
    states.get(serial) === 'taken' ? [{ serial, why: 'a token of Nod’s own has this serial' }] : [],
  )
  const faults = [...server.faults, ...taken, ...(await unreachable(nod, server.sound))]
  const inState = (state: string) => [...states.values()].filter((one) => one === state).length
  describe(server)
  const due = inState('new') + inState('changed')
  console.log(`
${inState('new')} new, ${inState('changed')} changed there since, ${inState('unchanged')} here already; ${inState('kept')} changed here since, which stay as they are here; ${inState('deleted')} deleted here since, which stay deleted`)
  await reportPolicies(nod, server)
  if (faults.length > 0) {
    console.error(`\n${faults.length} tokens cannot be imported:`)
    printFaults(faults)
    if (!wishes.skipsFaulty || due === 0 || wishes.isDry)
      throw new Fault(
        `Nothing was imported: ${faults.length} tokens are at fault${wishes.skipsFaulty ? '' : '. --skip-faulty leaves them out'}`,
      )
  }
  if (wishes.isDry) return
  if (due > 0 || wishes.withPolicies) {
    if (!wishes.isSure && !(await isConfirmed(`Import ${due} tokens into ${nod.url}?`)))
      throw new Fault('Nothing was imported')
    await createRealms(nod, server.usedRealms)
    if (wishes.withPolicies) await importPolicies(nod, server)
    faults.push(...(await sendAll(nod, source, server, states, due, new Set(faults.map(({ serial }) => serial)))))
  }
  const untrue = await tryAll(nod, server, states, new Set(faults.map(({ serial }) => serial)))
  if (untrue.length > 0) printFaults(untrue)
  if (untrue.length > 0) throw new Fault(`${untrue.length} keys do not work as they are stored`)
  if (faults.length > 0) throw new Fault(`${faults.length} tokens were left out`)
}

/** The tokens whose Firebase configuration this deployment does not have: their phones could not be rung. */
async function unreachable(nod: NodClient, sound: SourceServer['sound']): Promise<readonly TokenFault[]> {
  const gateways = z.array(z.object({ name: z.string() })).parse(await nod.get('/smsgateway'))
  const known = new Set([POLL_ONLY, ...gateways.map(({ name }) => firebaseSecret(name))])
  return [...sound].flatMap(([serial, { firebase }]) =>
    known.has(firebase) || known.has(firebaseSecret(firebase))
      ? []
      : [{ serial, why: `the secret ${firebaseSecret(firebase)} is not set here (or --firebase ${firebase}=<name>)` }],
  )
}

function describe({ release, db, types, people, containers, pins, firebase, urls, notes }: SourceServer): void {
  const others = new Tally()
  for (const [type, count] of types) if (!PUSH_TYPES.includes(type)) others.add(type, count)
  console.log(printable(`${release}, ${db.name}`))
  pins.print('Of the tokens that can be imported:')
  urls.print('Their phones reach, and this address has to lead to Nod:')
  firebase.print('They are reached by (each needs a secret FIREBASE_<NAME> here, of the same Firebase project):')
  notes.print('What will differ:')
  others.print('Tokens of types that Nod does not have; they stay where they are:')
  if (containers > 0) console.log(`\n${containers} containers stay where they are`)
  for (const fault of people.faults) console.error(printable(`\n${fault}`))
}

async function isConfirmed(question: string): Promise<boolean> {
  const dialog = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await dialog.question(`${question} (yes) `)
  dialog.close()
  return answer.trim().toLowerCase() === 'yes'
}

async function createRealms(nod: NodClient, realms: ReadonlySet<string>): Promise<void> {
  const present = Object.keys(z.record(z.string(), z.unknown()).parse(await nod.get('/realm/')))
  for (const realm of realms) if (!present.includes(realm)) await nod.post(`/realm/${encodeURIComponent(realm)}`)
}

async function sendAll(
  nod: NodClient,
  source: ImportSource,
  server: SourceServer,
  states: ReadonlyMap<string, string>,
  due: number,
  without: ReadonlySet<string>,
): Promise<readonly TokenFault[]> {
  const faults: TokenFault[] = []
  const progress = new Progress('imported', due)
  let sending: Promise<unknown> = Promise.resolve()
  for await (const page of server.tokens()) {
    const wanted = page.filter(
      ({ serial }) => ['new', 'changed'].includes(states.get(serial) ?? '') && !without.has(serial),
    )
    for (const batch of batches(wanted)) {
      await sending
      sending = importBatch(nod, source, batch).then((result) => {
        faults.push(...result.faults)
        progress.add(batch.length)
      })
    }
  }
  await sending
  printFaults(faults)
  console.log(`${due - faults.length} tokens imported, ${progress.rate} a second`)
  return faults
}

/** Tries the key of every token that is here as it was imported. */
async function tryAll(
  nod: NodClient,
  { sound }: SourceServer,
  states: ReadonlyMap<string, string>,
  without: ReadonlySet<string>,
): Promise<readonly TokenFault[]> {
  const keys = [...sound].flatMap(([serial, { publicKey }]) =>
    publicKey !== undefined &&
    !without.has(serial) &&
    ['new', 'changed', 'unchanged'].includes(states.get(serial) ?? '')
      ? [[serial, publicKey] as const]
      : [],
  )
  const progress = new Progress('keys tried', keys.length)
  const faults: TokenFault[] = []
  for (let from = 0; from < keys.length; from += TRIED) {
    const part = keys.slice(from, from + TRIED)
    faults.push(...(await tryKeys(nod, new Map(part))))
    progress.add(part.length)
  }
  console.log(
    `${keys.length - faults.length} of ${keys.length} keys sign what their phones believe, ${progress.rate} a second`,
  )
  return faults
}

const TRIED = 100
