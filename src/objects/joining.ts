import type { Ports } from '../ports/ports.ts'
import type { JoinResult, RequestOf } from '../ports/transactions-object.ts'
import { done, type Outcome } from '../refusal.ts'
import { joinLogin as join } from '../rules/login/joining.ts'
import { loginReply } from '../rules/login/login-reply.ts'
import type { LoginStore } from './login-store.ts'
import type { SettingsVersion } from './settings-version.ts'

/** Joins a repeated request to the login of the first, decided and written in one turn. */
export async function joinLogin(
  { now }: Pick<Ports, 'now'>,
  store: LoginStore,
  known: SettingsVersion,
  { id, settings, ...request }: RequestOf<'joinLogin'>,
): Promise<Outcome<JoinResult>> {
  // Policy decides whether requests may join, and the caller may have read an older policy.
  if (settings !== undefined && known.laterThan(settings) !== undefined) return done({ kind: 'refused' })
  const login = store.get(id)
  if (login === undefined) return done({ kind: 'unknown' })
  const transaction = join(login.transaction, request, now())
  const reply = transaction && loginReply(transaction)
  if (transaction === undefined || reply === undefined) return done({ kind: 'refused' })
  if (transaction !== login.transaction) store.save({ ...login, transaction })
  return done({ kind: 'joined', reply })
}
