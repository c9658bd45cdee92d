import type { Ports } from '../../ports/ports.ts'
import type { PhoneAnswer } from '../../protocol/phone/phone-request.ts'
import { present } from '../../present.ts'
import { type Outcome, refuse } from '../../refusal.ts'
import type { PhoneReply } from '../../rules/login/transaction.ts'
import type { Source } from '../../vocabulary.ts'
import { limitUnknown } from './limit-phone.ts'

/** Hands a phone's answer to the login it is about. A nonce names the login, so that is one object call and no query.
 *  Refuses: `token_unknown` when the nonce names no login and no token has the serial; as `limitUnknown`. */
export async function answer(
  ports: Pick<Ports, 'identifiers' | 'phones' | 'transactions' | 'rateLimits' | 'deployment'>,
  source: Source,
  phoneAnswer: PhoneAnswer,
  action: string,
): Promise<Outcome<PhoneReply>> {
  const { kind: _, ...fields } = phoneAnswer
  const { address: caller, userAgent, receivedAt, region: from } = source
  const request = { ...fields, origin: { action, address: caller, userAgent, ...present({ receivedAt }) }, from }
  const address = fields.nonce === undefined ? undefined : await ports.identifiers.transactionOf(fields.nonce)
  // An app that sends no nonce, or a nonce that is not ours: the phone object looks for the login.
  if (address === undefined)
    return limitUnknown(ports, source, fields.serial, async () => {
      const phone = await ports.phones.find(fields.serial, source.region)
      return phone?.offerAnswer(request) ?? refuse({ reason: 'token_unknown' })
    })
  return ports.transactions.of(address).answer({ id: address.id, answer: request })
}
