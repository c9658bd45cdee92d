/** `npm run faults`: every fault there is, and what comes of it. Exit code 1 where that is not as it should be.
 *  `--quick` the short form, `--write` puts the table into docs/faults.md; words pick groups by name. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/lib/tools.mjs'
import { GROUPS, QUICK } from './groups.ts'
import { deviationsOf, runAll, tableOf } from './matrix.ts'
import { World } from './world.ts'

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const has = (option: string): boolean => process.argv.includes(option)
const groups = (has('--quick') ? QUICK : GROUPS).filter(
  ({ name }) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word.toLowerCase())),
)
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
if (has('--write') && failed === 0) {
  const text = readFileSync(page, 'utf8')
  const before = text.slice(0, text.indexOf(BEGIN) + BEGIN.length)
  writeFileSync(page, `${before}\n\n${table}\n${text.slice(text.indexOf(END))}`)
}
process.exitCode = failed > 0 ? 1 : 0
