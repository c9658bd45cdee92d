import { at, isObject, type Exchange, type Json, type JsonObject } from './recording.ts'

/** Makes answers comparable that differ in order or extent: pages of the audit, lists of policies, and what tokens say about the
 *  keys of their info. */

/** Actions that one server alone records: privacyIDEA requests that only read, Nod how a login ends. */
const RECORDED_BY_ONE_SERVER = /^GET |^login (?:expired|withdrawn)$/
/** The first step of a recording that leaves a line; older lines are of the recording before. */
const FIRST = 'POST /policy/<name>'

const rowsOf = (json: Json | undefined): readonly Json[] | undefined => {
  const rows = at(json, 'result', 'value', 'auditdata')
  return Array.isArray(rows) ? rows : undefined
}

function linesOfThisFile(rows: readonly Json[]): Json[] {
  const first = rows.findIndex((row) => at(row, 'action') === FIRST)
  const newer = first < 0 ? rows : rows.slice(0, first + 1)
  return newer.filter((row) => !RECORDED_BY_ONE_SERVER.test(String(at(row, 'action'))))
}

/** The page with these rows. The number of lines in all differs from server to server: only its form is compared. */
function pageOf(json: Json | undefined, rows: readonly Json[]): Json | undefined {
  const value = at(json, 'result', 'value')
  if (!isObject(json) || !isObject(value) || !isObject(json['result'])) return json
  const page: JsonObject = { ...value, auditdata: [...rows] }
  if (Number.isInteger(value['count'])) page['count'] = 'an integer'
  if (value['next'] === null || Number.isInteger(value['next'])) page['next'] = 'a page or none'
  return { ...json, result: { ...json['result'], value: page } }
}

/** The list of policies sorted by name: privacyIDEA's has no order. */
function byName(json: Json | undefined): Json | undefined {
  const value = at(json, 'result', 'value')
  if (!isObject(json) || !isObject(json['result']) || !Array.isArray(value)) return json
  const name = (policy: Json): string => String(at(policy, 'name'))
  const sorted = value.toSorted((one, other) => (name(one) < name(other) ? -1 : 1))
  return { ...json, result: { ...json['result'], value: sorted } }
}

/** Keys of info that Nod does not list (divergences 'no secrets in the token list' and 'keys in the token list'). */
const NOT_LISTED = new Set([
  'private_key_server',
  'private_key_server.type',
  'public_key_server',
  'firebase_token',
  'enrollment_credential',
])
const KEY_LISTS = ['readonly_info_keys', 'undeletable_info_keys', 'settable_info_keys'] as const

/** The list of tokens with sorted lists of keys: privacyIDEA's have no order. */
function withSortedKeys(json: Json | undefined, isLeftOut: (key: string) => boolean): Json | undefined {
  const tokens = at(json, 'result', 'value', 'tokens')
  const value = at(json, 'result', 'value')
  if (!isObject(json) || !isObject(value) || !isObject(json['result']) || !Array.isArray(tokens)) return json
  const sorted = tokens.map((token): Json => {
    if (!isObject(token)) return token
    const lists = KEY_LISTS.flatMap((name) => {
      const list = token[name]
      if (!Array.isArray(list)) return []
      const keys = list.map(String).filter((key) => !isLeftOut(key))
      return [[name, keys.toSorted()] as const]
    })
    return { ...token, ...Object.fromEntries(lists) }
  })
  return { ...json, result: { ...json['result'], value: { ...value, tokens: sorted } } }
}

/** The recorded answer and the live one, reduced to what both servers have. */
export function comparableAnswers(
  { request, response }: Exchange,
  live: Json | undefined,
): readonly [recorded: Json | undefined, live: Json | undefined] {
  if (request.path.startsWith('/policy/') && request.method === 'GET') return [byName(response.json), byName(live)]
  if (request.path.startsWith('/token/') && request.method === 'GET')
    return [withSortedKeys(response.json, (key) => NOT_LISTED.has(key)), withSortedKeys(live, () => false)]
  const [recordedRows, liveRows] = [rowsOf(response.json), rowsOf(live)]
  if (request.path !== '/audit/' || recordedRows === undefined || liveRows === undefined) return [response.json, live]
  const [recordedLines, liveLines] = [linesOfThisFile(recordedRows), linesOfThisFile(liveRows)]
  const count = Math.min(recordedLines.length, liveLines.length)
  return [pageOf(response.json, recordedLines.slice(0, count)), pageOf(live, liveLines.slice(0, count))]
}
