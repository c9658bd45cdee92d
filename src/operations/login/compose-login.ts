import { present } from '../../present.ts'
import type { Ports } from '../../ports/ports.ts'
import { encodeBase64Url } from '../../bytes.ts'
import { DIALECTS } from '../../protocol/phone/dialect.ts'
import { commitmentOf } from '../../protocol/encoding/identifiers.ts'
import { clipTexts, composePrompt, messageOverhead } from '../../protocol/phone/prompt.ts'
import type { Outcome, Refusal } from '../../refusal.ts'
import { done, refuse } from '../../refusal.ts'
import { randomDigits } from '../../rules/token/random-pin.ts'
import { choosePresence } from '../../rules/login/presence.ts'
import type { SystemSettings } from '../../rules/deployment/system-settings.ts'
import type { ChallengeFacts, TextTags } from '../../rules/login/texts.ts'
import { challengeMessage, mobileText } from '../../rules/login/texts.ts'
import type { Challenge, SuccessEffects, Transaction } from '../../rules/login/transaction.ts'
import type { Bytes, Caller, Instant, NamedToken, Serial, Source, TokenType, TransactionId } from '../../vocabulary.ts'
import { addSeconds, POLL_ONLY } from '../../vocabulary.ts'
import { NO_REGISTRATION_TOKEN } from '../../vocabulary/phones.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { callerName } from '../access/identify.ts'
import type { RingSummary } from './ring.ts'
import type { LoginSubject } from './login-subject.ts'

/** What the service is told of a phone that could not be rung; the words are privacyIDEA's. */
const hintFor = (type: TokenType): string =>
  ` Use the polling feature of your ${DIALECTS[type].appName} to check for a new Login request.`

interface CompositionInput {
  readonly id: TransactionId
  readonly meant: LoginSubject
  readonly caller: Caller
  readonly source: Source
  readonly request: { readonly route: string; readonly pin?: unknown }
  readonly system: SystemSettings
  readonly now: Instant
  readonly rung: RingSummary
  readonly ending?: SuccessEffects
}

/** A transaction ready to be opened, and what the service is to be shown for each of its challenges. */
export interface ComposedLogin {
  readonly transaction: Transaction
  readonly texts: readonly ChallengeText[]
}

interface ChallengeText extends ChallengeFacts, NamedToken {}

/** Every phone's prompt, signed with its token's key: two signatures each, or one where its app knows no more. Refuses: `storage_unavailable`. */
export async function composeLogin(
  ports: Pick<Ports, 'signing' | 'identifiers' | 'random' | 'limits'>,
  login: CompositionInput,
): Promise<Outcome<ComposedLogin>> {
  const { id, meant, caller, source, system, now, request, rung } = login
  // All phones that show options show the same.
  const shown = rung.tokens.find(({ settings }) => settings.presence !== undefined)?.settings.presence
  const presence = shown && choosePresence(shown, shown.count, ports.random)
  const composed = await Promise.all(rung.tokens.map((one) => composeChallenge(ports, login, one, presence)))
  const refused = composed.find((one) => !one.ok)
  if (refused?.ok === false) return refused
  const parts = composed.flatMap((one) => (one.ok ? [one.value] : []))
  return done({
    texts: parts.map(({ text }) => text),
    transaction: {
      id,
      ...present({ owner: meant.owner, given: meant.given }),
      ...(caller.kind === 'service' ? { keyHash: caller.keyHash, service: caller.name } : {}),
      openedBy: request.route,
      address: source.address,
      userAgent: source.userAgent,
      openedAt: now,
      answerBy: addSeconds(now, system.validFor),
      grace: system.grace,
      wrongCodes: 0,
      ...present({ ending: login.ending }),
      challenges: parts.map(({ challenge }) => challenge),
      steps: [{ at: now, kind: 'opened' }],
    },
  })
}

async function composeChallenge(
  ports: Pick<Ports, 'signing' | 'identifiers' | 'random' | 'limits'>,
  { id, meant, caller, source, now, request }: CompositionInput,
  { token, settings, bell }: RingSummary['tokens'][number],
  drawn: { readonly options: readonly string[]; readonly answer: string } | undefined,
): Promise<Outcome<{ readonly challenge: Challenge; readonly text: ChallengeText }>> {
  const { serial, type, revision, signingKey, phoneKey } = token
  if (signingKey === undefined || phoneKey === undefined) return refuse({ reason: 'no_suitable_token' })
  const url = settings.registrationUrl ?? token.registrationUrl
  const place = { url: ports.limits.publicUrl ?? source.origin, action: request.route.replace(/^\w+ /, '') }
  const tags = { ...tagsOf(meant, token, source, now), ...place }
  const presence = settings.mode === 'presence' ? drawn : undefined
  const options = presence?.options
  const delivery = deliveryOf(token, bell)
  const dialect = DIALECTS[type]
  const besides = messageOverhead(dialect, {
    url,
    serial,
    options,
    keyBits: 4096,
    registrationToken: delivery?.registrationToken,
  })
  const { title, question } = clipTexts(
    { title: settings.title, question: mobileText(settings.question, tags) },
    besides,
  )

  const { mode } = settings
  const context = {
    serial,
    user: meant.owner?.login ?? '',
    realm: meant.owner?.realm ?? '',
    service: callerName(caller),
    address: source.address,
    question,
    title,
    mode,
    options: options ?? [],
    time: now,
  }
  const salt = ports.random(16)
  const nonce = await ports.identifiers.nonceFor(id, await commitmentOf(salt, context))
  const signer = signWith(ports, signingKey)
  const parts = { nonce, url, serial, question, title, sslVerify: settings.sslVerify, options }
  const prompt = await composePrompt(dialect, parts, signer.sign)
  if (signer.refused() !== undefined) return refuse(signer.refused() ?? { reason: 'no_suitable_token' })
  const challenge: Challenge = {
    serial,
    type,
    nonce,
    mode,
    ...(presence === undefined ? {} : { presence: presence.answer }),
    ...(mode === 'code_to_phone'
      ? { code: randomDigits(settings.codeDigits, ports.random), codeMessage: settings.codeMessage }
      : {}),
    phoneKey,
    revision,
    prompt,
    context,
    salt: encodeBase64Url(salt),
    pinVerified: request.pin !== undefined,
    ...present({ delivery }),
    state: 'pending',
  }
  const text = { serial, type, settings, tags, ...(presence === undefined ? {} : { presenceAnswer: presence.answer }) }
  return done({ challenge, text })
}

/** `sign` for `composePrompt`, which knows no refusals: the first one is kept, to be asked for afterwards. */
function signWith(
  ports: Pick<Ports, 'signing'>,
  key: string,
): { sign: (text: string) => Promise<Bytes>; refused: () => Refusal | undefined } {
  let refused: Refusal | undefined
  return {
    refused: () => refused,
    sign: async (text) => {
      const signed = await ports.signing.sign(key, text)
      if (signed.ok) return signed.value
      refused ??= signed.refusal
      return new Uint8Array()
    },
  }
}

const deliveryOf = ({ firebase, registrationToken, quarantinedAt }: Token, bell: boolean): Challenge['delivery'] =>
  bell &&
  quarantinedAt === undefined &&
  firebase !== POLL_ONLY &&
  registrationToken !== undefined &&
  registrationToken !== '' &&
  registrationToken !== NO_REGISTRATION_TOKEN
    ? { firebase, registrationToken }
    : undefined

function tagsOf({ person, owner }: LoginSubject, { serial, type }: Token, source: Source, now: Instant): TextTags {
  const time = new Date(now).toISOString()
  return {
    serial,
    user: person?.givenName,
    givenname: person?.givenName,
    surname: person?.surname,
    recipient_givenname: person?.givenName,
    recipient_surname: person?.surname,
    username: owner?.login,
    userrealm: owner?.realm,
    tokentype: type,
    client_ip: source.address,
    ua_browser: source.userAgent.split(/[/ ]/)[0],
    ua_string: source.userAgent,
    time: time.slice(11, 19),
    date: time.slice(0, 10),
  }
}

/** What the login page shows: one text per phone, and one for all; whose phone is not
 *  reached is told to open its app. */
export function loginMessages(
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
