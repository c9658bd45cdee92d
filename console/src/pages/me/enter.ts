import { exchange, type Nod, type Outcome } from '../../../../client/src/index.ts'
import type { Session } from '../../session.ts'

/** A session, or a login that waits for the code that the phone shows. */
export type Entered = { readonly session: Session } | { readonly transaction: string }

export interface Entry {
  readonly login: string
  readonly realm: string
  /** The PIN or a bypass code; with a `transaction` the phone's code. */
  readonly secret: string
  readonly transaction?: string | undefined
}

/** Signs a user in, and nobody else: by the code that the phone shows, or by a bypass code, never by a tap. */
export async function enter(nod: Nod, { login, realm, secret, transaction }: Entry): Promise<Outcome<Entered>> {
  const answer = await exchange(nod, 'POST /auth', {
    username: login.trim(),
    password: transaction === undefined ? secret : secret.trim(),
    realm: realm.trim() === '' ? undefined : realm.trim(),
    transaction_id: transaction,
    code_only: true,
  })
  if (!answer.ok) return answer
  const { value, detail, authentication } = answer.value
  if (authentication !== 'ACCEPT') return { ok: true, value: { transaction: detail.transaction_id ?? '' } }
  const { token, role, username, rights, logout_time: logoutTime } = value
  return { ok: true, value: { session: { token, role, login: username, rights, logoutTime } } }
}
