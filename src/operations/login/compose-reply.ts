import type { OpenResult } from '../../ports/transactions-object.ts'
import { DIALECTS } from '../../protocol/phone/dialect.ts'
import { pushWaitOf } from '../../rules/login/authentication-policy.ts'
import type { LoginReply } from '../../rules/login/login-reply.ts'
import { challengeMessage } from '../../rules/login/texts.ts'
import type { Serial, TokenType } from '../../vocabulary.ts'
import { POLL_ONLY } from '../../vocabulary.ts'
import type { ChallengeText, ComposedLogin } from './compose-login.ts'
import type { RungPhones } from './ring.ts'

/** Composes what the service is answered: its challenges with their texts. A phone that no push message reaches gets a hint to
 *  open its app. */
export function composeReply(
  composed: ComposedLogin,
  rung: RungPhones,
  { undelivered, withdrawn }: OpenResult,
): LoginReply {
  const { transaction, texts } = composed
  const unreached = new Set([...undelivered, ...undeliverable(composed, rung).map(({ serial }) => serial)])
  const { messages, message } = loginMessages(texts, unreached)
  const policies = rung.tokens.map(({ policy }) => policy)
  return {
    challenges: transaction.challenges
      .filter(({ serial }) => !withdrawn.includes(serial))
      .map(({ serial, type, mode, presence }) => ({
        serial,
        type,
        mode,
        message: messages.get(serial) ?? message,
        presence,
      })),
    message,
    preferredModes: policies[0]?.preferredModes ?? [],
    wait: pushWaitOf(policies),
  }
}

/** The phones that FCM should reach and to which no delivery is made: without an address, or over their ring budget. */
export const undeliverable = (
  { transaction }: ComposedLogin,
  { tokens }: RungPhones,
): readonly { readonly serial: Serial; readonly isAddressed: boolean }[] =>
  tokens.flatMap(({ token: { serial, firebase }, delivers }) => {
    const isDelivered = transaction.challenges.some((one) => one.serial === serial && one.delivery !== undefined)
    return isDelivered || firebase === POLL_ONLY ? [] : [{ serial, isAddressed: !delivers }]
  })

/** One text per phone, and one for all of them. */
function loginMessages(
  texts: readonly ChallengeText[],
  unreached: ReadonlySet<Serial>,
): { readonly messages: ReadonlyMap<Serial, string>; readonly message: string } {
  const { messages, message } = challengeMessage(texts)
  const hints = texts.map(({ serial, type }) => (unreached.has(serial) ? hintFor(type) : ''))
  const bySerial = new Map(
    texts.map(({ serial }, index) => [serial, (messages[index] ?? message) + (hints[index] ?? '')]),
  )
  return { messages: bySerial, message: message + [...new Set(hints)].join('') }
}

/** The words are privacyIDEA's. */
const hintFor = (type: TokenType): string =>
  ` Use the polling feature of your ${DIALECTS[type].appName} to check for a new Login request.`
