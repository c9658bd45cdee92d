/** A file of policies: in privacyIDEA's own format, or as the JSON of `GET /policy/`. Source: an export of privacyIDEA 3.14. */
import { done, refuse, type Outcome, type Refusal } from '../../refusal.ts'
import type { Policy } from '../../vocabulary.ts'
import { parsePolicyForm, renderPolicy } from './policy-form.ts'
import { parsePolicy, POLICY_FIELDS, type PolicyFileFields } from './policy-request.ts'
import { type Literal, parseLiteral, renderLiteral } from './python-literal.ts'

/** Policies of a file. No deployment has more. */
const MOST = 1_000

/** Fields that privacyIDEA writes as plain text. All others are Python literals. */
const TEXTS: readonly string[] = ['name', 'scope', 'time', 'description', 'priority']

/** What eduMFA calls `pinode`. */
const EDUMFA_NODES = 'edumfanode'

/** A field that is not among these may be a restriction. Without it the policy would apply to more than it says. */
const FIELDS: readonly string[] = [...POLICY_FIELDS, EDUMFA_NODES]

/** Writes policies in privacyIDEA's format. */
export const renderPolicyFile = (policies: readonly Policy[]): string =>
  policies.map((policy) => `[${policy.name}]\n${Object.entries(renderPolicy(policy)).map(line).join('')}\n`).join('')

const line = ([key, value]: readonly [string, unknown]): string =>
  `${key} = ${typeof value === 'string' ? oneLine(value) : renderLiteral(value)}\n`

/** Text without line breaks. A line break would begin another key. */
const oneLine = (text: string): string => text.replaceAll(/\s*[\r\n]+\s*/g, ' ')

/** Reads the policies of a request: from its `file`, in either format, or from `policies` or `result`.
 *  Refuses: `parameter_missing`; `parameter_invalid`, naming the policy that cannot be read. */
export function parsePolicyFile(sent: Partial<PolicyFileFields>): Outcome<readonly Policy[]> {
  const entries = entriesOf(sent)
  if (!entries.ok) return entries
  if (entries.value.length > MOST) return unreadable(`more than ${MOST} policies`)
  const policies: Policy[] = []
  for (const entry of entries.value) {
    const name = isObject(entry) ? entry['name'] : undefined
    if (!isObject(entry) || typeof name !== 'string') return unreadable('a policy without a name')
    const unknown = Object.keys(entry).find((field) => !FIELDS.includes(field) && !isBlank(entry[field]))
    if (unknown !== undefined) return unreadable(`the policy '${name}': there is no field ${unknown}`)
    const read = parsePolicy({ ...entry, pinode: isBlank(entry['pinode']) ? entry[EDUMFA_NODES] : entry['pinode'] })
    const parsed = read.ok ? parsePolicyForm(name, read.value.fields) : read
    if (!parsed.ok) return unreadable(`the policy '${name}': ${why(parsed.refusal)}`)
    if (policies.some((policy) => policy.name === name)) return unreadable(`the policy '${name}' stands there twice`)
    policies.push(parsed.value)
  }
  return policies.length === 0 ? unreadable('no policy in it') : done(policies)
}

function entriesOf({ file, policies, result }: Partial<PolicyFileFields>): Outcome<readonly unknown[]> {
  if (typeof file === 'string') return entriesIn(file)
  const listed = policies ?? (isObject(result) ? result['value'] : undefined)
  if (Array.isArray(listed)) return done(listed)
  return listed === undefined
    ? refuse({ reason: 'parameter_missing', name: 'file' })
    : unreadable('not a list of policies')
}

function entriesIn(text: string): Outcome<readonly unknown[]> {
  if (!/^\s*[[{]\s*["{\]]/.test(text)) return sections(text)
  try {
    const read: unknown = JSON.parse(text)
    return Array.isArray(read)
      ? done(read)
      : isObject(read)
        ? entriesOf({ ...read, file: undefined })
        : unreadable('not a list')
  } catch {
    return unreadable('not JSON')
  }
}

/** Reads `[name]` and the lines `key = value` below it. A line without a key continues the description above it. */
function sections(text: string): Outcome<readonly unknown[]> {
  const found: { name: string; lines: Map<string, string> }[] = []
  let key: string | undefined
  for (const row of text.split(/\r?\n/)) {
    const name = /^\[([^\]]+)\]\s*$/.exec(row)?.[1]
    const current = found.at(-1)
    const [, next, value = ''] = /^([a-z_]+) =(?: (.*))?$/.exec(row) ?? []
    if (name !== undefined) {
      found.push({ name, lines: new Map() })
      key = undefined
    } else if (current === undefined) {
      if (row.trim() !== '') return unreadable(`'${row.slice(0, 40)}' stands before any policy`)
    } else if (next !== undefined) {
      // A line of a description may look like a field. It must not take the place of a restriction.
      if (current.lines.has(next)) return unreadable(`${next} stands twice in the policy '${current.name}'`)
      current.lines.set(next, value)
      key = next
    } else if (row.trim() !== '') {
      if (key !== 'description') return unreadable(`'${row.slice(0, 40)}' in the policy '${current.name}'`)
      current.lines.set(key, `${current.lines.get(key) ?? ''} ${row.trim()}`)
    }
  }
  const entries: Literal[] = []
  for (const { name, lines } of found) {
    const entry: [string, Literal][] = []
    for (const [field, value] of lines) {
      const read = TEXTS.includes(field) && value !== 'None' ? value : parseLiteral(value)
      if (read === undefined) return unreadable(`${field} in the policy '${name}'`)
      entry.push([field, read])
    }
    entries.push({ ...Object.fromEntries(entry), name })
  }
  return done(entries)
}

/** Whether a field says nothing, so that it restricts nothing. */
const isBlank = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === false ||
  value === '' ||
  (Array.isArray(value) && value.length === 0)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const why = (refusal: Refusal): string =>
  'why' in refusal ? refusal.why : `${'name' in refusal ? refusal.name : ''} is missing`

const unreadable = (fault: string): Outcome<never> =>
  refuse({ reason: 'parameter_invalid', name: 'file', why: `cannot be read: ${fault}` })
