/** `npm run advisories`: known vulnerabilities of the locked packages. */
import { readOptions } from './lib/command-line.mjs'
import { advisoryText, askForAdvisories } from './release/advisories.ts'

const USAGE = `Asks the registry for known vulnerabilities of the packages in package-lock.json.

  npm run advisories

It ends with 0 if there are none, with 1 if there are some, and with 3 if the registry does not answer that: not all do.`
readOptions(USAGE, { options: {} })

const advisories = askForAdvisories()
console.log(advisoryText(advisories))
process.exitCode = 'unanswered' in advisories ? 3 : advisories.found.length > 0 ? 1 : 0
