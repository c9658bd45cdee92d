/** docs/conformance.md, made from runs. */
import type { Outcome, Result } from './run.ts'
import { ALL_OF_IT } from './statement.ts'

/** A run as `--json` keeps it. */
export interface Run {
  /** As the server names itself. */
  readonly version: string
  readonly results: readonly Result[]
}

const INTRODUCTION = `# Conformance

Fifty statements about the protocol that anyone can test from outside. \`npm run conformance -- <url>\` tests a server: it enrolls users and phones of its own, under names of its own, and leaves nothing behind. It shares no line with Nod and tests a real privacyIDEA as well; the phone is the simulated app in \`test/simulation\`.

\`\`\`
npm run conformance -- http://127.0.0.1:8787 --admin admin:adminpw-of-tests
npm run conformance -- --help
\`\`\`

Statements about delivery need a simulated Google behind the server (\`--google\`, \`test/simulation/google.ts\`), statement 35 an origin in \`CORS_ORIGINS\` (\`--origin\`), and those that wait for time to pass \`--slow\`. Where a peer is known to differ, \`test/conformance/divergences.ts\` says so, claim by claim: a run fails when another difference shows, and when a listed one no longer does. \`npm test\` tests the fast statements with Nod; \`npm run test:all\` tests all of them with Nod and with privacyIDEA from PyPI, which \`test/conformance/privacyidea.sh\` installs and serves.

Below, Nod ran with its defaults, and with \`--origin\` and \`--slow\`. This page is made by \`npm run conformance -- --markdown <json of each run>\`.

## The fifty statements
`

const AFTERWARDS = `
## Clients

\`test/clients\` has a stand-in for each client that is known to be in use. It sends the bytes the client sends, reads only what the client reads, and fails as the client fails: Keycloak on java-client, php-client, FreeRADIUS, privacyidea-pam, pam_python, and the app on an iPhone before it registers. Each of them logs in to Nod, is declined, and waits in vain.

| client | what would break it |
| --- | --- |
| Keycloak, java-client | a JWT that is no standard base64; no \`time\` in the \`/auth\` answer; null where it expects a list or an object; an answer without CORS when it polls in the browser |
| php-client | \`attributes\` in the entries of \`multi_challenge\`; an entry without \`transaction_id\`, \`message\`, \`serial\` or \`type\`; a status poll without \`value\`; a \`role\` other than \`admin\` that comes first |
| FreeRADIUS | \`transaction_id\` in a rejection; PIN or login decoded once only; \`state\` not understood |
| privacyidea-pam | \`value\` that is no boolean; \`transaction_id\` or \`message\` null; a PIN decoded twice |
| pam_python | \`transaction_id\` without a \`message\` |
| the app on an iPhone | no answer to an empty POST |
`

export function renderPage(runs: readonly Run[]): string {
  const [first] = runs
  const heads = ['', 'statement', ...runs.map(({ version }) => version), 'note']
  const rows = (first?.results ?? []).map(({ number, text }) => {
    const found = runs.map(({ version, results }) => ({
      version,
      result: results.find((one) => one.number === number),
    }))
    const words = found.map(({ result }) => (result === undefined ? 'not run' : WORDS[result.outcome]))
    const notes = found.flatMap(({ version, result }) => (result === undefined ? [] : noted(version, result)))
    return [String(number), text, ...words, notes.join('<br>')]
  })
  const table = [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`)
  return `${INTRODUCTION}\n${table.join('\n')}\n${AFTERWARDS.trimEnd()}`
}

const WORDS: Readonly<Record<Outcome, string>> = { passed: 'yes', differs: '**differs**', 'not applicable': '–' }

/** Claims that differ, or were not judged, for the same reason stand together. */
function noted(version: string, { differences, skipped }: Result): readonly string[] {
  const reasons = [
    ...differences.map(({ claim, came, why }) => ({ claim, reason: why ?? came })),
    ...skipped.map(({ claim, why }) => ({ claim, reason: `not tested, ${why}` })),
  ]
  const notes = [...Map.groupBy(reasons, ({ reason }) => reason)].map(([reason, found]) => {
    const claims = found.map(({ claim }) => claim).join(', ')
    return claims === ALL_OF_IT ? reason : `${claims}: ${reason}`
  })
  return notes.length === 0 ? [] : [`${version}: ${notes.join('; ')}`]
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
