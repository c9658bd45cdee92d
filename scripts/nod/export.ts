import { createCipheriv, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ImportSource } from '../../src/vocabulary/imports.ts'
import { endWithUsage } from '../lib/command-line.mjs'
import { Fault } from '../lib/tools.mjs'
import { NodClient, URL_OPTION, URL_USAGE } from './client.ts'
import { command } from './command.ts'
import { fetchTokens } from './export/fetch.ts'
import { readOldServer } from './export/old-server.ts'
import { planWayBack, type WayBack } from './export/plan.ts'
import { wayBackSql } from './export/sql.ts'
import { printFaults, Tally } from './import/report.ts'
import { readImportSource, readSourceOptions, SOURCE_OPTIONS } from './import/source-options.ts'
import { printable } from './printable.ts'

export const exportTokens = command({
  name: 'export',
  summary: 'Writes what the server that tokens came from needs to take them back, as SQL for its database.',
  usage: `  npm run nod -- export privacyidea --db <address or file> --enckey <file> --out <file.sql> [options]
  npm run nod -- export edumfa --db <address or file> --enckey <file> --out <file.sql> [options]

  --db <address>             its database, or a copy, as for \`import\`. It is not changed
  --enckey <file>            the file that PI_ENCFILE (EDUMFA_ENCFILE) names
  --out <file.sql>           the file to write, which must not exist. It has hashes of PINs and encrypted keys
  --dry-run                  says what would change there, and writes nothing
  --realm <realm>            only tokens of users in this realm; may be given several times
  --overwrite <serial>       replaces a token that was changed there as well by what Nod has; may be given several times, or \`all\`
  --skip                     leaves out tokens that cannot be taken back, instead of writing nothing
  --passwd, --users, --registration-url, --firebase, --pins, --schema   as they were given to \`import\`
${URL_USAGE}

The credential needs the right secrets_export: signing keys and hashes of PINs leave Nod, which the audit says. Apply the file with
\`sqlite3 -bail pi.db < way-back.sql\`, \`mariadb <name> < way-back.sql\` or \`psql -v ON_ERROR_STOP=1 <name> -f way-back.sql\`. It changes everything or
nothing: nothing if one of the tokens was changed there after the export, and nothing the second time. Its exit code is 0 when everything
that changed here can go back.`,
  options: {
    ...URL_OPTION,
    ...SOURCE_OPTIONS,
    out: { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
    overwrite: { type: 'string', multiple: true },
    skip: { type: 'boolean', default: false },
  },
  positionals: ['<privacyidea|edumfa>'],
  async run(values, [name = '']) {
    const source = readImportSource(name)
    const options = readSourceOptions(values)
    const { realms } = options
    const { out } = values
    const isDry = values['dry-run']
    if (!isDry && out === undefined) endWithUsage('--out is missing, or --dry-run')
    const nod = new NodClient(values.url)
    const server = await readOldServer(source, options)
    const fetched = await fetchTokens(nod, realms)
    const wayBack = planWayBack(source, server, fetched, {
      firebase: new Map([...options.firebase].map(([old, now]) => [now, old])),
      overwrite: new Set(values.overwrite ?? []),
      isWhole: realms.length === 0,
    })
    report(source, printable(`${server.release}, ${server.name}`), wayBack)
    const { faults, steps } = wayBack
    if (faults.length > 0) {
      console.error(`\n${faults.length} tokens cannot go back:`)
      printFaults(faults)
      if (!values.skip) throw new Fault('Nothing was written. --skip leaves them out')
    }
    if (!isDry && out !== undefined && steps.length > 0) {
      const secret = () => otpSecret(readFileSync(resolve(options.enckey)))
      const id = randomBytes(8).toString('hex')
      const lines = [...wayBackSql(server.dialect, steps, id, secret)]
      writeFileSync(out, `${lines.join('\n')}\n`, { mode: 0o600, flag: 'wx' })
      console.log(printable(`\nWritten to ${out}. Make a backup of the database there before you apply it.`))
    }
    if (faults.length > 0) throw new Fault(`${faults.length} tokens were left out`)
  },
})

/** The secret that each token has there, and no push token uses. */
function otpSecret(enckey: Buffer): { readonly key: string; readonly iv: string } {
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-cbc', enckey.subarray(0, 32), iv)
  const key = Buffer.concat([cipher.update(randomBytes(20).toString('hex')), cipher.final()]).toString('hex')
  return { key, iv: iv.toString('hex') }
}

function report(source: ImportSource, title: string, { steps, unchanged, newerThere, notes }: WayBack): void {
  console.log(title)
  const what = new Tally()
  for (const { serial, there, changes } of steps) {
    if (changes === undefined) what.add('deleted')
    else if (there === undefined) what.add('added')
    else for (const name of new Set(changes.names)) what.add(`get another ${name}`)
    const words = changes === undefined ? 'deleted' : there === undefined ? 'added' : changes.names.join(', ')
    if (steps.length <= LISTED) console.log(printable(`${serial}: ${words}`))
  }
  console.log(
    `\n${steps.length} tokens change there, ${unchanged} stay as they are, ${newerThere} were changed there and not here and stay`,
  )
  what.print('Of those that change:')
  notes.print('Mind:')
  const prefix = source === 'edumfa' ? 'EDUMFA' : 'PI'
  if (steps.some(({ changes }) => String(changes?.row['pin_hash'] ?? '').startsWith('$pbkdf2-sha256')))
    console.log(
      `\nPINs that were set here are hashes of pbkdf2_sha256. Its pi.cfg has to name it, or these PINs are refused there:\n  ${prefix}_HASH_ALGO_LIST = ['argon2', 'pbkdf2_sha512', 'pbkdf2_sha256']`,
    )
}

const LISTED = 200
