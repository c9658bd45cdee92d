import type { Ports } from '../../ports/ports.ts'
import type { PhoneAnswer } from '../../protocol/phone/phone-request.ts'
import type { Outcome } from '../../refusal.ts'
import { refuse } from '../../refusal.ts'
import type { PhoneReply } from '../../rules/login/transaction.ts'
import type { RequestOrigin } from '../../vocabulary/login-steps.ts'

/** What the phone said is taken to the login it is about: one object call, and nothing read from the catalogue where the
 *  nonce names it.
 *  Refuses: `token_unknown`, where the nonce names no login and the serial no token. */
export async function answer(
  ports: Pick<Ports, 'identifiers' | 'phones' | 'transactions'>,
  said: PhoneAnswer,
  by: RequestOrigin,
): Promise<Outcome<PhoneReply>> {
  const { kind: _, ...asked } = said
  const request = { ...asked, by }
  const id = said.nonce === undefined ? undefined : await ports.identifiers.transactionOf(said.nonce)
  const shard = id === undefined ? undefined : await ports.transactions.of(id)
  // An app that keeps the nonce to itself, or a nonce that is not ours.
  if (id === undefined || shard === undefined) {
    const phone = await ports.phones.find(said.serial)
    return phone?.offer(request) ?? refuse({ reason: 'token_unknown' })
  }
  return shard.answer(id, request)
}
