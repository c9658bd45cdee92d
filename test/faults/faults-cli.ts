/** `npm run faults`: injects every fault and checks what comes of it. Exit code 1 where that is not as it should be. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { endWithUsage, readOptions } from '../../scripts/lib/command-line.mjs'
import { root } from '../../scripts/lib/tools.mjs'
import { GROUPS, QUICK } from './groups.ts'
import { deviationsOf, runAll, tableOf } from './matrix.ts'
import { World } from './world.ts'

const USAGE = `Injects every fault into a Nod of its own, at every step of a login, and checks what comes of it.

  npm run faults [-- options] [groups]

  --quick     fewer faults, in a minute or two
  --write     put the table into docs/faults.md, if all is as expected
  groups      words that the names of groups contain; without one, all groups:
${GROUPS.map(({ name }) => `              ${name}`).join('\n')}`

const { values: options, positionals: words } = readOptions(USAGE, {
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
})
const groups = (options.quick ? QUICK : GROUPS).filter(
  ({ name }) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word.toLowerCase())),
)
if (groups.length === 0) endWithUsage(`no group is called ${words.join(' or ')}`)
const began = performance.now()
const world = await World.open()
const lines = await runAll(world, groups, (line) => {
  const wrong = deviationsOf(line)
  console.log(
    `${wrong.length === 0 ? 'ok    ' : 'FAILED'}  ${line.row.fault}, at ${line.row.step}${wrong.map((one) => `\n        ${one}`).join('')}`,
  )
})
await world.close()

const table = tableOf(lines)
console.log(`\n${table}`)
for (const line of lines)
  for (const wrong of deviationsOf(line)) console.log(`FAILED  ${line.row.fault}, at ${line.row.step}: ${wrong}`)
const failed = lines.filter((line) => deviationsOf(line).length > 0).length
console.log(
  `${lines.length - failed} as expected, ${failed} not, in ${((performance.now() - began) / 1000).toFixed(0)} s`,
)

const page = join(root, 'docs/faults.md')
const [BEGIN, END] = ['<!-- npm run faults -- --write -->', '<!-- end -->']
if (options.write && failed === 0) {
  const text = readFileSync(page, 'utf8')
  const before = text.slice(0, text.indexOf(BEGIN) + BEGIN.length)
  writeFileSync(page, `${before}\n\n${table}\n${text.slice(text.indexOf(END))}`)
}
process.exitCode = failed > 0 ? 1 : 0
