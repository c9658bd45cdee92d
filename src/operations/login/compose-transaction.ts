/** What a login by push and a login that enrolls a phone have in common. */
import { decodeBase64, encodeBase64Url, sha256 } from '../../bytes.ts'
import type { Ports } from '../../ports/ports.ts'
import { commitmentOf } from '../../protocol/encoding/identifiers.ts'
import type { Challenge, Transaction } from '../../rules/login/transaction.ts'
import type { Caller, Instant, Serial, Source, TokenType, TransactionId } from '../../vocabulary.ts'
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
    | 'place'
    | 'hasPin'
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

/** What the user sees of a challenge, and has to be told the truth about; and the token whose phone may answer it. */
interface ShownChallenge {
  readonly serial: Serial
  readonly type: TokenType
  /** SPKI, base64; empty for a phone that is yet to register. */
  readonly phoneKey: string
  readonly question: string
  readonly title: string
  readonly mode: string
  readonly options: readonly string[]
  /** The option that is shown at the login; undefined in every other mode. */
  readonly presence: string | undefined
}

/** Draws the nonce of a challenge. It commits to the context, which a receipt can show later together with the salt.
 *  Source: docs/receipts.md, "Context". */
export async function drawNonce(
  ports: Pick<Ports, 'identifiers' | 'random'>,
  { id, subject: { owner }, caller, source, now }: LoginOrigin,
  { serial, type, phoneKey, question, title, mode, options, presence }: ShownChallenge,
): Promise<Pick<Challenge, 'nonce' | 'context' | 'salt'>> {
  const context = {
    transaction: id,
    serial,
    type,
    // Otherwise whoever has a receipt could put another key and its signature in the place of the phone's.
    phone_key: await sha256(decodeBase64(phoneKey) ?? new Uint8Array()),
    user: owner?.login ?? '',
    realm: owner?.realm ?? '',
    service: callerName(caller),
    address: source.address,
    question,
    title,
    mode,
    options,
    presence: presence ?? '',
    time: now,
  }
  const salt = ports.random(16)
  const nonce = await ports.identifiers.nonceFor(id, await commitmentOf(salt, context))
  return { nonce, context, salt: encodeBase64Url(salt) }
}
