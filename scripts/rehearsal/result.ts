/** What became of the logins of a rehearsal. */
import type { Kind, Realm } from './people.ts'

export type Outcome = 'accepted' | 'declined' | 'refused' | 'failed'

export interface Attempt {
  readonly phase: string
  readonly login: string
  readonly realm: Realm
  readonly kind: Kind
  readonly expected: Exclude<Outcome, 'failed'>
  readonly outcome: Outcome
  /** Who accepted it. */
  readonly by: 'nod' | 'old' | undefined
  /** Why it failed. */
  readonly why: string
  /** How often the login page was asked again because the old server did not answer in time. */
  readonly again: number
}

/** A user should have been let in, or declined, and was not let in or not heard. */
const isLost = ({ expected, outcome }: Attempt): boolean =>
  expected !== 'refused' && outcome !== expected && outcome !== 'accepted'

/** Somebody was let in who was to be kept out. */
const isWrongly = ({ expected, outcome }: Attempt): boolean => expected !== 'accepted' && outcome === 'accepted'

/** An attempt that was to be refused and got no answer. */
const isUnanswered = ({ expected, outcome }: Attempt): boolean => expected === 'refused' && outcome === 'failed'

export const isFault = (attempt: Attempt): boolean => isLost(attempt) || isWrongly(attempt) || isUnanswered(attempt)

/** Describes a login that did not end as it should. */
export const faultLine = ({ login, realm, kind, expected, outcome, why }: Attempt): string =>
  `${login} (${realm}, ${kind}) was to be ${expected}, and is ${outcome}: ${why}`

export interface Counts {
  readonly lost: number
  readonly reEnrollments: number
  readonly wrongly: number
  readonly unanswered: number
}

export function countsOf(attempts: readonly Attempt[], reEnrollments: number): Counts {
  const count = (is: (attempt: Attempt) => boolean): number => attempts.filter(is).length
  return { lost: count(isLost), reEnrollments, wrongly: count(isWrongly), unanswered: count(isUnanswered) }
}

export const isFaultless = (counts: Counts): boolean => Object.values(counts).every((count) => count === 0)

/** The last line of a rehearsal. */
export function lastLine(attempts: readonly Attempt[], counts: Counts, phones: number, server: string): string {
  const by = (who: 'nod' | 'old'): number => attempts.filter((one) => one.by === who).length
  const again = attempts.reduce((sum, one) => sum + one.again, 0)
  return [
    `logins lost: ${counts.lost}`,
    `re-enrollments: ${counts.reEnrollments}`,
    `let in wrongly: ${counts.wrongly}`,
    `unanswered: ${counts.unanswered}`,
    `logins: ${attempts.length} (accepted by ${server}: ${by('old')}, by Nod: ${by('nod')})`,
    `asked again: ${again}`,
    `phones: ${phones}`,
  ].join(', ')
}

/** A line for each phase. */
export function phaseTable(attempts: readonly Attempt[]): string {
  const head = ['', 'logins', 'old server', 'Nod', 'declined', 'refused', 'lost']
  const rows = [...new Set(attempts.map(({ phase }) => phase))].map((phase) => {
    const those = attempts.filter((one) => one.phase === phase)
    const count = (is: (attempt: Attempt) => boolean): string => String(those.filter(is).length)
    return [
      phase,
      String(those.length),
      count(({ by }) => by === 'old'),
      count(({ by }) => by === 'nod'),
      count(({ outcome }) => outcome === 'declined'),
      count(({ outcome }) => outcome === 'refused'),
      count(isLost),
    ]
  })
  const lines = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) =>
      line.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
    )
    .join('\n')
}
