import { csvCell } from '../encoding/csv.ts'

type Item = Readonly<Record<string, unknown>>

/** privacyIDEA's columns, in its order. Source: golden 16-token-admin, `list outform=csv`. */
const COLUMNS = [
  'id',
  'description',
  'serial',
  'tokentype',
  'info',
  'resolver',
  'user_id',
  'otplen',
  'maxfail',
  'active',
  'revoked',
  'locked',
  'failcount',
  'count',
  'count_window',
  'sync_window',
  'rollout_state',
  'realms',
  'tokengroup',
  'username',
  'user_realm',
  'user_editable',
  'readonly_info_keys',
  'undeletable_info_keys',
  'settable_info_keys',
  'container_serial',
]

const KEY_LISTS = ['readonly_info_keys', 'undeletable_info_keys', 'settable_info_keys'] as const

/** The item without these keys of its info; the lists of keys do not name them either. */
export function withoutInfo(item: Item, hidden: readonly string[]): Item {
  if (hidden.length === 0) return item
  const info = Object.entries(Object(item['info'])).filter(([key]) => !hidden.includes(key))
  const lists = KEY_LISTS.flatMap((name) => {
    const keys = item[name]
    return Array.isArray(keys) ? [[name, keys.map(String).filter((key) => !hidden.includes(key))]] : []
  })
  return { ...item, ...Object.fromEntries(lists), info: Object.fromEntries(info) }
}

/** Token items as CSV, with a comma and a blank behind each value. Lists and objects are JSON. */
export const tokenCsv = (items: readonly Item[]): string =>
  [COLUMNS, ...items.map((item) => COLUMNS.map((column) => cell(item[column] ?? '')))]
    .map((values) => `${values.map((value) => `${csvCell(value)}, `).join('')}\n`)
    .join('')

const cell = (value: unknown): string => {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
