/** The transaction id, as it occurs in every identifier of a login. Source: docs/protocol.md, "Identifiers". */
const TRANSACTION_ID = /^\d{20}$/

/** Finds the logins that a call of an object is about. The verbs name them `id`, `ids` or `transaction`; other ids have another
 *  form. */
export function transactionsIn(request: unknown): readonly string[] {
  const { id, ids, transaction } = (request ?? {}) as Readonly<Record<'id' | 'ids' | 'transaction', unknown>>
  const { id: opened } = (transaction ?? {}) as { readonly id?: unknown }
  return [transaction, opened, id, ...(Array.isArray(ids) ? ids : [])].filter(isTransactionId)
}

const isTransactionId = (value: unknown): value is string => typeof value === 'string' && TRANSACTION_ID.test(value)
