import { DIALECTS } from '../../protocol/phone/dialect.ts'
import { pushWaitOf } from '../../rules/login/authentication-policy.ts'
import { DEFAULT_TEXTS } from '../../rules/login/default-texts.ts'
import type { LoginReply } from '../../rules/login/login-reply.ts'
import { challengeMessage } from '../../rules/login/texts.ts'
import { type Language, POLL_ONLY, type Serial, type TokenType } from '../../vocabulary.ts'
import type { ComposedLogin } from './compose-login.ts'
import type { RungPhones } from './ring.ts'

/** Composes what the service is answered: its challenges with their texts. `withHints` ends the texts of phones that no push
 *  message reaches. */
export function composeReply(composed: ComposedLogin, rung: RungPhones, withdrawn: readonly Serial[] = []): LoginReply {
  const { messages, message } = challengeMessage(composed.texts)
  const messageOf = new Map(composed.texts.map(({ serial }, index) => [serial, messages[index]]))
  const policies = rung.tokens.map(({ policy }) => policy)
  const language = policies[0]?.language ?? 'en'
  return {
    challenges: composed.transaction.challenges
      .filter(({ serial }) => !withdrawn.includes(serial))
      .map(({ serial, type, mode, presence }) => ({
        serial,
        type,
        mode,
        message: messageOf.get(serial) ?? message,
        hint: hintFor(type, language),
        presence,
      })),
    message,
    unreached: undeliverable(composed, rung).map(({ serial }) => serial),
    preferredModes: policies[0]?.preferredModes ?? [],
    wait: pushWaitOf(policies),
  }
}

/** The phones that FCM should reach and to which no delivery is made: without an address, or restricted. */
export const undeliverable = (
  { transaction }: ComposedLogin,
  { tokens }: RungPhones,
): readonly { readonly serial: Serial; readonly isAddressed: boolean }[] =>
  tokens.flatMap(({ token: { serial, firebase }, delivers }) => {
    const isDelivered = transaction.challenges.some((one) => one.serial === serial && one.delivery !== undefined)
    return isDelivered || firebase === POLL_ONLY ? [] : [{ serial, isAddressed: !delivers }]
  })

const hintFor = (type: TokenType, language: Language): string => DEFAULT_TEXTS[language].openApp(DIALECTS[type].appName)
