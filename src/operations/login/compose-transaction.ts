/** What a login by push and a login that enrolls a phone have in common. */
import { encodeBase64Url } from '../../bytes.ts'
import type { Ports } from '../../ports/ports.ts'
import { commitmentOf } from '../../protocol/encoding/identifiers.ts'
import type { Challenge, Transaction } from '../../rules/login/transaction.ts'
import type { Caller, Instant, Serial, Source, TransactionId } from '../../vocabulary.ts'
import { callerName } from '../access/identify.ts'
import type { LoginSubject } from './login-subject.ts'

/** Whose login it is, and the request that opens it. */
export interface LoginOrigin {
  readonly id: TransactionId
  readonly subject: LoginSubject
  readonly caller: Caller
  readonly source: Source
  /** The route, as the audit names it. */
  readonly action: string
  readonly now: Instant
}

/** Composes a transaction out of its origin and what else there is to it. */
export const composeTransaction = (
  { id, subject, caller, source, action, now }: LoginOrigin,
  rest: Pick<
    Transaction,
    | 'attemptId'
    | 'isWaitedFor'
    | 'answerBy'
    | 'grace'
    | 'challenges'
    | 'steps'
    | 'successEffects'
    | 'enrollment'
    | 'policies'
  >,
): Transaction => ({
  id,
  owner: subject.owner,
  userInput: subject.userInput,
  ...(caller.kind === 'service' ? { keyHash: caller.keyHash, service: caller.name } : {}),
  openedBy: action,
  address: source.address,
  userAgent: source.userAgent,
  openedAt: now,
  wrongCodes: 0,
  ...rest,
})

/** What the user sees of a challenge, and has to be told the truth about. */
interface ShownTexts {
  readonly serial: Serial
  readonly question: string
  readonly title: string
  readonly mode: string
  readonly options: readonly string[]
}

/** Draws the nonce of a challenge. It commits to the context, which a receipt can show later together with the salt.
 *  Source: docs/protocol.md, "Identifiers". */
export async function drawNonce(
  ports: Pick<Ports, 'identifiers' | 'random'>,
  { id, subject: { owner }, caller, source, now }: LoginOrigin,
  { serial, question, title, mode, options }: ShownTexts,
): Promise<Pick<Challenge, 'nonce' | 'context' | 'salt'>> {
  const context = {
    serial,
    user: owner?.login ?? '',
    realm: owner?.realm ?? '',
    service: callerName(caller),
    address: source.address,
    question,
    title,
    mode,
    options,
    time: now,
  }
  const salt = ports.random(16)
  const nonce = await ports.identifiers.nonceFor(id, await commitmentOf(salt, context))
  return { nonce, context, salt: encodeBase64Url(salt) }
}
