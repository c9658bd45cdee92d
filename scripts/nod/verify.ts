import { readFileSync } from 'node:fs'
import { endWithUsage } from '../lib/command-line.mjs'
import { Fault } from '../lib/tools.mjs'
import { Doubt, expected, USAGE, verifyReceipt } from '../verify-receipt.mjs'
import { command } from './command.ts'

export const verify = command({
  name: 'verify',
  summary: 'Verifies a receipt of a login, offline, and says what it proves and what it does not.',
  usage: `  npm run nod -- verify <file> [options]

${USAGE}

It needs no network. scripts/verify-receipt.mjs is the whole program, and also runs alone on another machine.
docs/receipts.md has the format, the proof and its limits.`,
  options: { expect: { type: 'string' }, 'server-key': { type: 'string' }, 'phone-key': { type: 'string' } },
  positionals: ['<file>'],
  async run({ expect: wanted = 'approval', 'server-key': serverKey, 'phone-key': phoneKey }, [file = '']) {
    const expect = expected(wanted)
    if (expect === undefined) return endWithUsage('--expect takes approval, decline or any')
    let text
    try {
      text = readFileSync(file, 'utf8')
    } catch {
      throw new Fault(`${file} cannot be read`)
    }
    try {
      console.log((await verifyReceipt(text, { expect, serverKey, phoneKey })).join('\n'))
    } catch (error) {
      if (error instanceof Doubt) throw new Fault(`Does not hold: ${error.message}.`)
      throw error
    }
  },
})
