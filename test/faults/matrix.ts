/** The matrix of faults: what the caller sees of each, what is lost, and how it is recovered. */
import type { World } from './world.ts'

export interface RowResult {
  /** What the caller saw at this step. */
  readonly seen: string
  readonly recovered: string
  /** What was lost or came twice, and should not have. */
  readonly lost: readonly string[]
  /** Logins that were finalized: each of them is in the audit, once. */
  readonly finalized?: readonly string[]
}

export interface Row {
  readonly fault: string
  readonly step: string
  readonly seen: string
  readonly recovered: string
  /** Part of `npm test`, too. */
  readonly quick?: true
  readonly run: (world: World) => Promise<RowResult>
}

export interface Group {
  readonly name: string
  /** Its rows can run at the same time. */
  readonly atOnce?: true
  readonly rows: readonly Row[]
}

export interface ReportLine extends RowResult {
  readonly row: Row
  readonly group: string
}

const NOTHING = 'nothing'
const lostOf = ({ lost }: RowResult): string => (lost.length === 0 ? NOTHING : lost.join('; '))

/** What differs from the row's expectations; empty if nothing does. */
export const deviationsOf = (line: ReportLine): readonly string[] =>
  [
    line.seen === line.row.seen ? [] : `saw ${line.seen}, expected ${line.row.seen}`,
    line.recovered === line.row.recovered ? [] : `recovered: ${line.recovered}, expected ${line.row.recovered}`,
    line.lost.length === 0 ? [] : `lost: ${lostOf(line)}`,
  ].flat()

/** Runs every row, and then compares the audit. Calls `told` with each line before that. */
export async function runAll(
  world: Pick<World, 'auditCounts' | 'clearFaults'>,
  groups: readonly Group[],
  told: (line: ReportLine) => void = () => undefined,
): Promise<readonly ReportLine[]> {
  const lines: ReportLine[] = []
  for (const { name, atOnce, rows } of groups) {
    const one = async (row: Row): Promise<ReportLine> => {
      const line = { row, group: name, ...(await attempt(world, row)) }
      told(line)
      return line
    }
    if (atOnce) lines.push(...(await Promise.all(rows.map(one))))
    else for (const row of rows) lines.push(await one(row))
  }
  const counts = await world.auditCounts(lines.flatMap(({ finalized = [] }) => finalized))
  return lines.map((line) => {
    const wrong = (line.finalized ?? []).filter((id) => counts.get(id) !== 1)
    return {
      ...line,
      lost: [...line.lost, ...wrong.map((id) => `${counts.get(id) ?? 0} records in the audit of ${id}`)],
    }
  })
}

async function attempt(world: Pick<World, 'auditCounts' | 'clearFaults'>, row: Row): Promise<RowResult> {
  try {
    return await row.run(world as World)
  } catch (error) {
    return { seen: String(error), recovered: 'no', lost: [] }
  } finally {
    await world.clearFaults()
  }
}

/** A table in Markdown for each group. */
export function tableOf(lines: readonly ReportLine[]): string {
  const groups = Map.groupBy(lines, ({ group }) => group)
  return [...groups]
    .map(([name, of]) => {
      const head = ['fault', 'at', 'the caller sees', 'lost', 'made good']
      const body = of.map((line) => [line.row.fault, line.row.step, line.seen, lostOf(line), line.recovered])
      const cells = [head, head.map(() => '---'), ...body]
      return `### ${name}\n\n${cells.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`
    })
    .join('\n')
}
