/** Known vulnerabilities of the locked packages, as the registry tells them. */
import { spawnSync } from 'node:child_process'
import { root } from '../lib/tools.mjs'

export interface Advisory {
  readonly name: string
  readonly severity: string
  readonly title: string
  readonly url: string
}

export type Advisories =
  | { readonly found: readonly Advisory[] }
  /** Nobody knows. */
  | { readonly unanswered: string }

interface AuditReport {
  readonly vulnerabilities?: Readonly<
    Record<
      string,
      { readonly name: string; readonly severity: string; readonly via: readonly (string | Partial<Advisory>)[] }
    >
  >
  readonly message?: string
  readonly error?: { readonly summary?: string }
}

/** Asks `npm audit`. A registry that does not answer it is no sign of anything. */
export function askForAdvisories(): Advisories {
  // It ends with 1 for what it has found as well as for what went wrong.
  const { stdout, error } = spawnSync('npm', ['audit', '--json'], { cwd: root, encoding: 'utf8', timeout: 120_000 })
  if (error !== undefined) return { unanswered: error.message }
  try {
    return advisoriesIn(JSON.parse(stdout) as AuditReport)
  } catch {
    return { unanswered: stdout.slice(0, 200) }
  }
}

export function advisoriesIn({ vulnerabilities, message, error }: AuditReport): Advisories {
  if (vulnerabilities === undefined) return { unanswered: message ?? error?.summary ?? 'no answer' }
  // A text in `via` names another package of the list.
  const found = Object.values(vulnerabilities).flatMap(({ name, severity, via }) =>
    via.flatMap((one) =>
      typeof one === 'string' ? [] : [{ name, severity, title: one.title ?? '', url: one.url ?? '' }],
    ),
  )
  return { found }
}

/** For people. */
export function advisoryText(advisories: Advisories): string {
  if ('unanswered' in advisories)
    return `The registry does not say whether there are known vulnerabilities (${advisories.unanswered}). Ask another, or look at https://github.com/advisories`
  if (advisories.found.length === 0) return 'No known vulnerabilities in the locked packages.'
  const lines = advisories.found.map(({ name, severity, title, url }) => `  ${severity}  ${name}: ${title}  ${url}`)
  return ['Known vulnerabilities in the locked packages:', ...new Set(lines)].join('\n')
}
