/** Every column of D1 that holds sealed values: what a rotation of the master key seals anew, counts and checks. */

/** What the identities of a table's sealed values begin with. */
const IDENTITIES = {
  signing_keys: 'signing-key:',
  api_token_keys: 'api-token-key:',
  audit_keys: 'audit-key:',
  webhook_keys: 'webhook-key:',
  administrators: 'administrator:',
  tokens: 'pin:',
} as const

type SealedTable = keyof typeof IDENTITIES

export interface SealedColumn {
  readonly table: SealedTable
  readonly column: string
  /** The primary key. */
  readonly key: string
}

export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'signing_keys', column: 'private_key', key: 'id' },
  { table: 'api_token_keys', column: 'secret', key: 'id' },
  { table: 'audit_keys', column: 'private_key', key: 'id' },
  { table: 'webhook_keys', column: 'private_key', key: 'id' },
  { table: 'administrators', column: 'password', key: 'login' },
  { table: 'tokens', column: 'pin', key: 'serial' },
]

/** The identity of the sealed value of a row, by the table and the row's key. */
export const sealedIdentity = (table: SealedTable, key: string): string => IDENTITIES[table] + key
