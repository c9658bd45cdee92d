/** Draws the system time of a login as squares: each service's region with each phone's, for Nod and for a single site. */
import { WORLD_REGIONS } from './round-trips.ts'
import { type PairResult, SITES } from './world.ts'

const CELL = 46
const LABEL = 52
const GAP = 40
const GRID = CELL * WORLD_REGIONS.length
const PANEL = LABEL + GRID
const HEAD = 84
const WIDTH = 2 * PANEL + 3 * GAP
const HEIGHT = HEAD + SITES.length * (GRID + 84)

/** Milliseconds, and the colour of a square up to so many. */
const SCALE: readonly (readonly [number, string])[] = [
  [250, '#1a7f5a'],
  [400, '#4ca97c'],
  [600, '#a6d29a'],
  [800, '#f3dd8b'],
  [1000, '#efa75d'],
  [Number.POSITIVE_INFINITY, '#d9634c'],
]
const DARK = new Set(['#1a7f5a', '#4ca97c', '#d9634c'])

const colorOf = (milliseconds: number): string => SCALE.find(([most]) => milliseconds <= most)?.[1] ?? ''

/** Returns the picture as SVG. */
export function drawWorld(results: readonly PairResult[]): string {
  const panels = SITES.flatMap((site, index) => {
    const y = HEAD + index * (GRID + 84)
    const rows = results.filter((one) => one.site === site)
    return [
      drawPanel(rows, (one) => one.nod.system.p50, GAP, y, `Nod, D1 in ${site}`),
      drawPanel(rows, (one) => one.singleSite.system.p50, 2 * GAP + PANEL, y, `A single site in ${site}`),
    ]
  })
  const legend = SCALE.map(([most, color], index) => {
    const x = GAP + LABEL + index * 118
    const label = Number.isFinite(most) ? `up to ${most} ms` : 'more'
    return `<rect x="${x}" y="44" width="14" height="14" rx="3" fill="${color}"/><text x="${x + 20}" y="55">${label}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2328" role="img" aria-label="System time of a login by region">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="${GAP + LABEL}" y="28" font-size="16" font-weight="600">A login without the human, in milliseconds (median); down: the service, across: the phone</text>
${legend.join('\n')}
${panels.join('\n')}
</svg>
`
}

function drawPanel(
  rows: readonly PairResult[],
  value: (one: PairResult) => number,
  left: number,
  top: number,
  title: string,
): string {
  const [x, y] = [left + LABEL, top + 40]
  const cells = WORLD_REGIONS.flatMap((service, row) =>
    WORLD_REGIONS.map((phone, column) => {
      const found = rows.find((one) => one.service === service && one.phone === phone)
      const milliseconds = found === undefined ? Number.NaN : value(found)
      const color = colorOf(milliseconds)
      const [cx, cy] = [x + column * CELL, y + row * CELL]
      const ink = DARK.has(color) ? '#ffffff' : '#1f2328'
      return `<rect x="${cx + 1}" y="${cy + 1}" width="${CELL - 2}" height="${CELL - 2}" rx="4" fill="${color}"/><text x="${cx + CELL / 2}" y="${cy + CELL / 2 + 4}" text-anchor="middle" fill="${ink}">${milliseconds.toFixed(0)}</text>`
    }),
  )
  const columns = WORLD_REGIONS.map(
    (region, index) => `<text x="${x + (index + 0.5) * CELL}" y="${y - 6}" text-anchor="middle">${region}</text>`,
  )
  const lines = WORLD_REGIONS.map(
    (region, index) => `<text x="${x - 8}" y="${y + (index + 0.5) * CELL + 4}" text-anchor="end">${region}</text>`,
  )
  return [
    `<text x="${x}" y="${top + 14}" font-size="14" font-weight="600">${title}</text>`,
    ...columns,
    ...lines,
    ...cells,
  ].join('\n')
}
