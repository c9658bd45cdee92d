/** Every column of D1 that holds sealed values: what a rotation of the master key seals anew, counts and checks. */

export interface SealedColumn {
  readonly table: string
  readonly column: string
  /** The primary key. */
  readonly key: string
  /** A value's identity is this and the row's key. */
  readonly identity: string
}

export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'signing_keys', column: 'private_key', key: 'id', identity: 'signing-key:' },
  { table: 'api_token_keys', column: 'secret', key: 'id', identity: 'api-token-key:' },
  { table: 'audit_keys', column: 'private_key', key: 'id', identity: 'audit-key:' },
  { table: 'administrators', column: 'password', key: 'login', identity: 'administrator:' },
  { table: 'tokens', column: 'pin', key: 'serial', identity: 'pin:' },
]
