/** Writes what was measured around the world into `docs/world.md`, and draws it in `docs/world.svg`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/lib/tools.mjs'
import { STEPS } from './login.ts'
import { drawWorld } from './picture.ts'
import { PUBLISHED, roundTrip, WORLD_REGIONS } from './round-trips.ts'
import { COUNTED, type PairResult, type Percentiles, SITES } from './world.ts'

const BEGIN = '<!-- figures: npm run bench -- --rows world --write -->'
const END = '<!-- end of figures -->'

/** The tables, as Markdown. */
export function worldTables(results: readonly PairResult[]): string {
  const distances = [
    ['ms', ...WORLD_REGIONS],
    ['---', ...WORLD_REGIONS.map(() => '---:')],
    ...WORLD_REGIONS.map((from) => [
      `**${from}** (${PUBLISHED.standIns[from]})`,
      ...WORLD_REGIONS.map((to) => String(roundTrip(from, to))),
    ]),
  ]
  const sections = SITES.map((site) => {
    const rows = results.filter((one) => one.site === site)
    const table = [
      ['service', 'phone', ...STEPS, `crossings: ${COUNTED.join(', ')}`, 'single site', 'logins'],
      ['---', '---', ...STEPS.map(() => '---:'), '---', '---:', '---:'],
      ...rows.map((one) => [
        one.service,
        one.phone,
        ...STEPS.map((step) => p50AndP99(one.nod, step)),
        COUNTED.map((step) => one.crossings[step]).join(', '),
        p50AndP99(one.singleSite, 'system'),
        String(one.logins),
      ]),
    ]
    return `### D1, and the single site, in ${site}\n\n${markdown(table)}`
  })
  return `${markdown(distances)}\n\n${sections.join('\n\n')}`
}

const p50AndP99 = (of: Percentiles, step: keyof Percentiles): string =>
  `${of[step].p50.toFixed(0)}/${of[step].p99.toFixed(0)}`

const markdown = (rows: readonly (readonly string[])[]): string =>
  rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** Replaces the figures in `docs/world.md` and the picture beside it. */
export function writeWorld(results: readonly PairResult[]): void {
  const page = join(root, 'docs/world.md')
  const text = readFileSync(page, 'utf8')
  const [before, after] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (before === -1 || after === -1) throw new Error(`${page} has no place for figures`)
  writeFileSync(page, `${text.slice(0, before)}${BEGIN}\n\n${worldTables(results)}\n\n${text.slice(after)}`)
  writeFileSync(join(root, 'docs/world.svg'), drawWorld(results))
}
