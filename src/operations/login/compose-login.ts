import { encodeHex } from '../../bytes.ts'
import type { Ports } from '../../ports/ports.ts'
import type { TokenVersion } from '../../ports/signing-keys.ts'
import { present } from '../../present.ts'
import { DIALECTS } from '../../protocol/phone/dialect.ts'
import { clipTexts, composePrompt, messageOverhead } from '../../protocol/phone/prompt.ts'
import { done, type Outcome, type Refusal, refuse } from '../../refusal.ts'
import { readSystemSettings } from '../../rules/deployment/system-settings.ts'
import { pushWaitOf } from '../../rules/login/authentication-policy.ts'
import { fraudReportMode } from '../../rules/login/push-firewall.ts'
import { type PolicySet, policiesThatDecided, type Situation } from '../../rules/policy/policy-set.ts'
import { DEFAULT_TEXTS } from '../../rules/login/default-texts.ts'
import { choosePresence } from '../../rules/login/presence.ts'
import { codeToPhoneSupport } from '../../rules/login/app-support.ts'
import type { ChallengeFacts } from '../../rules/login/texts.ts'
import type { Challenge, Transaction } from '../../rules/login/transaction.ts'
import { deliveryTarget } from '../../rules/token/delivery-target.ts'
import { randomDigits } from '../../rules/token/random-pin.ts'
import { addSeconds, type Bytes, type Instant, type NamedToken, type TransactionId } from '../../vocabulary.ts'
import type { LoginStep } from '../../vocabulary/login-steps.ts'
import type { AuthorizedLogin } from './authorize-login.ts'
import { composeTransaction, drawNonce, type LoginOrigin } from './compose-transaction.ts'
import type { LoginRequest } from './login-request.ts'
import { distinctionText, promptTexts } from './prompt-texts.ts'
import type { RungPhones } from './ring.ts'
import type { RungLogin } from './ring-or-join.ts'

/** A transaction ready to be stored, and what its service is shown for each challenge. */
export interface ComposedLogin {
  readonly transaction: Transaction
  readonly texts: readonly ChallengeText[]
}

interface ChallengeText extends ChallengeFacts, NamedToken {}

/** Characters of names of policies that a login keeps for the audit. */
const MAX_POLICY_NAMES = 500

type SigningPorts = Pick<Ports, 'signing' | 'identifiers' | 'random' | 'limits'>

/** Composes the transaction: every phone's prompt is signed with its token's key, twice, or once if its app knows no more.
 *  Refuses: `no_suitable_token`, `storage_unavailable`. */
export async function composeLogin(
  ports: SigningPorts,
  { subject, caller, source, situations }: AuthorizedLogin,
  { action, pin }: LoginRequest,
  { id, tokens, effects, place }: Pick<RungLogin, 'tokens' | 'effects' | 'place'> & { readonly id: TransactionId },
  now: Instant,
): Promise<Outcome<ComposedLogin>> {
  const origin: LoginOrigin = { id, subject, caller, source, action, now }
  // All phones that show options show the same.
  const options = tokens.find(({ policy }) => policy.presence !== undefined)?.policy.presence
  const presence = options && choosePresence(options, options.count, ports.random)
  const outcomes = await Promise.all(tokens.map((token) => composeChallenge(ports, origin, token, presence)))
  const refused = outcomes.find(({ ok }) => !ok)
  if (refused?.ok === false) return refused
  const composed = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []))
  const { validFor, grace } = readSystemSettings(subject.snapshot.settings)
  const transaction = composeTransaction(origin, {
    attemptId: encodeHex(ports.random(16)),
    isWaitedFor: pushWaitOf(tokens.map(({ policy }) => policy)) > 0,
    answerBy: addSeconds(now, validFor),
    grace,
    successEffects: effects,
    challenges: composed.map(({ challenge }) => challenge),
    steps: [{ at: now, kind: 'opened' }, ...restrictionsOf(tokens, now)],
    hasPin: pin !== undefined,
    ...present({ place, policies: decidingPolicies(subject.snapshot.policySet, situations) }),
  })
  return done({ transaction, texts: composed.map(({ text }) => text) })
}

const restrictionsOf = (tokens: RungPhones['tokens'], at: Instant): readonly LoginStep[] =>
  tokens.flatMap(({ token: { serial }, restricted, shadowed }): readonly LoginStep[] => {
    if (restricted !== undefined) return [{ at, kind: 'restricted', serial, why: restricted }]
    return shadowed === undefined ? [] : [{ at, kind: 'restricted', serial, why: shadowed, isShadow: true }]
  })

/** The names of the policies that decided, with commas between; undefined if none did. */
function decidingPolicies(set: PolicySet, situations: Iterable<Situation>): string | undefined {
  const names = policiesThatDecided(set, situations).join(',')
  if (names === '') return undefined
  return names.length > MAX_POLICY_NAMES ? `${names.slice(0, MAX_POLICY_NAMES)}…` : names
}

async function composeChallenge(
  ports: SigningPorts,
  origin: LoginOrigin,
  { token, policy, delivers, restricted, distinction, app }: RungPhones['tokens'][number],
  presenceOfLogin: { readonly options: readonly string[]; readonly answer: string } | undefined,
): Promise<Outcome<{ readonly challenge: Challenge; readonly text: ChallengeText }>> {
  const { serial, type, revision, epoch, signingKey, phoneKey, objectNumber } = token
  if (signingKey === undefined || phoneKey === undefined) return refuse({ reason: 'no_suitable_token' })
  const { mode, sslVerify } = policy
  const { url, tags, ...texts } = promptTexts(ports, origin, { token, policy })
  const presence = mode === 'presence' ? presenceOfLogin : undefined
  const options = presence?.options
  const delivery = delivers ? deliveryTarget(token) : undefined
  const registrationToken = delivery?.registrationToken
  const dialect = DIALECTS[type]
  const { pinKnown, appTooOld } = DEFAULT_TEXTS[policy.language]
  // Otherwise the user confirms and waits for a code.
  const showsNoCode = mode === 'code_to_phone' && codeToPhoneSupport(app) === 'unable'
  const warnings = [
    ...(showsNoCode ? [appTooOld] : []),
    ...(restricted === 'pin_known' ? [pinKnown] : []),
    texts.question,
  ]
  const { title, question } = clipTexts(
    {
      title: texts.title,
      question: warnings.join(' '),
      distinction: distinctionText(origin, { token, policy, distinction }),
    },
    messageOverhead(dialect, { url, serial, options, keyBits: 4096, registrationToken }),
  )

  const shown = { serial, type, phoneKey, question, title, mode, options: options ?? [], presence: presence?.answer }
  const drawn = await drawNonce(ports, origin, shown)
  const signer = signWith(ports, signingKey, token)
  const parts = { nonce: drawn.nonce, url, serial, question, title, sslVerify, options }
  const prompt = await composePrompt(dialect, parts, signer.sign)
  const refusal = signer.refusal()
  if (refusal !== undefined) return refuse(refusal)
  const challenge: Challenge = {
    serial,
    type,
    ...drawn,
    mode,
    presence: presence?.answer,
    ...(mode === 'code_to_phone'
      ? { code: randomDigits(policy.codeDigits, ports.random), codeMessage: policy.codeMessage }
      : {}),
    phoneKey,
    revision,
    ...present({ objectNumber }),
    epoch,
    prompt,
    signingKey,
    delivery,
    ...present({ fraudReport: fraudReportMode(policy.firewall) }),
    state: 'pending',
  }
  return done({ challenge, text: { serial, type, settings: policy, tags, presenceAnswer: presence?.answer } })
}

/** A `sign` for `composePrompt`, which knows no refusals. The first refusal is kept. */
function signWith(
  ports: Pick<Ports, 'signing'>,
  key: string,
  token: TokenVersion,
): { sign: (text: string) => Promise<Bytes>; refusal: () => Refusal | undefined } {
  let refusal: Refusal | undefined
  return {
    refusal: () => refusal,
    sign: async (text) => {
      const signed = await ports.signing.sign(key, text, token)
      if (signed.ok) return signed.value
      refusal ??= signed.refusal
      return new Uint8Array()
    },
  }
}
