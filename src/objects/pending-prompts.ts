import type { Ports } from '../ports/ports.ts'
import type { RequestOf, TransactionsObject } from '../ports/transactions-object.ts'
import { done } from '../refusal.ts'
import { isAnswerable } from '../rules/login/transaction.ts'
import type { Instant, Serial } from '../vocabulary.ts'
import type { Login } from './stored-login.ts'
import type { LoginStore } from './login-store.ts'

/** Answers the prompts that a phone may still answer, and keeps for each login that its phone has fetched it. */
export async function pendingPrompts(
  { now: clock }: Pick<Ports, 'now'>,
  store: LoginStore,
  { serial, ids, most }: RequestOf<'pendingPrompts'>,
): ReturnType<TransactionsObject['pendingPrompts']> {
  const now = clock()
  const found = ids.flatMap((id) => {
    const login = store.get(id)
    const challenge = login?.transaction.challenges.find((one) => one.serial === serial)
    if (login === undefined || challenge === undefined || !isAnswerable(login.transaction, challenge, now)) return []
    return [{ login, prompt: { id, prompt: challenge.prompt } }]
  })
  const sent = found.slice(0, most)
  for (const { login } of sent) noteFetch(store, login, serial, now)
  return done(sent.map(({ prompt }) => prompt))
}

/** Keeps when the phone has fetched the prompt for the first time. It is not worth a row: if it is lost with the memory, nobody knows how
 *  long that took. */
function noteFetch(store: LoginStore, login: Login, serial: Serial, now: Instant): void {
  const { transaction } = login
  if (transaction.steps.some((step) => step.kind === 'fetched' && step.serial === serial)) return
  const steps = [...transaction.steps, { at: now, kind: 'fetched', serial } as const]
  store.keepInMemory({ ...login, transaction: { ...transaction, steps } })
}
