import { decodeBase64, encodeBase64Url, encodeHex, sha256 } from '../bytes.ts'
import type { Ports } from '../ports/ports.ts'
import { present } from '../present.ts'
import { commitmentOf } from '../protocol/encoding/identifiers.ts'
import { DIALECTS } from '../protocol/phone/dialect.ts'
import { noticeTexts } from '../protocol/phone/notice-texts.ts'
import { clipTexts, composePrompt, messageOverhead } from '../protocol/phone/prompt.ts'
import { done, type Outcome, type Refusal, refuse } from '../refusal.ts'
import { NOTICE } from '../rules/login/notices.ts'
import type { Challenge, Transaction } from '../rules/login/transaction.ts'
import { AUTHENTICATION_ACTIONS } from '../rules/policy/actions/authentication.ts'
import { ENROLLMENT_ACTIONS, NOTICE_ACTIONS } from '../rules/policy/actions/enrollment.ts'
import { only, readActions } from '../rules/policy/read-actions.ts'
import { deliveryTarget } from '../rules/token/delivery-target.ts'
import { PROMPT_TIME } from '../rules/token/phone-notices.ts'
import { addSeconds, type Instant, type Language, seconds, type TransactionId } from '../vocabulary.ts'
import type { Notice } from '../vocabulary/notices.ts'
import type { Token } from '../vocabulary/tokens.ts'

interface NoticePrompt {
  readonly id: TransactionId
  readonly notice: Notice
  readonly token: Token
  readonly language: Language
  /** Whether it is delivered over FCM, where FCM reaches the phone. */
  readonly delivers: boolean
}

type ComposingPorts = Pick<Ports, 'signing' | 'identifiers' | 'random' | 'deployment'>

/** Composes the transaction of a prompt that tells of the notice, signed with the token's key. It has no service, no user input and no
 *  grace: nothing can finalize it. Refuses: `no_suitable_token`, `storage_unavailable`. */
export async function composeNotice(
  ports: ComposingPorts,
  { id, notice, token, language, delivers }: NoticePrompt,
  now: Instant,
): Promise<Outcome<Transaction>> {
  const { serial, type, owner, revision, epoch, signingKey, phoneKey } = token
  if (signingKey === undefined || phoneKey === undefined) return refuse({ reason: 'no_suitable_token' })
  const { url, sslVerify, contact } = await settingsOf(ports, token, now)
  const delivery = delivers ? deliveryTarget(token) : undefined
  const dialect = DIALECTS[type]
  const overhead = messageOverhead(dialect, {
    url,
    serial,
    keyBits: 4096,
    registrationToken: delivery?.registrationToken,
  })
  const { title, question } = clipTexts(noticeTexts(notice.subject, notice.at, language, contact), overhead)

  const context = {
    transaction: id,
    serial,
    type,
    phone_key: await sha256(decodeBase64(phoneKey) ?? new Uint8Array()),
    notice: notice.id,
    question,
    title,
    time: now,
  }
  const salt = ports.random(16)
  const nonce = await ports.identifiers.nonceFor(id, await commitmentOf(salt, context))
  let refusal: Refusal | undefined
  const prompt = await composePrompt(dialect, { nonce, url, serial, question, title, sslVerify }, async (text) => {
    const signed = await ports.signing.sign(signingKey, text, token)
    if (signed.ok) return signed.value
    refusal ??= signed.refusal
    return new Uint8Array()
  })
  if (refusal !== undefined) return refuse(refusal)
  const challenge: Challenge = {
    serial,
    type,
    nonce,
    context,
    salt: encodeBase64Url(salt),
    mode: 'standard',
    phoneKey,
    revision,
    ...present({ epoch, delivery }),
    prompt,
    signingKey,
    state: 'pending',
  }
  return done({
    id,
    attemptId: encodeHex(ports.random(16)),
    notice: { id: notice.id, kind: notice.subject.kind },
    ...present({ owner }),
    openedBy: NOTICE,
    address: '',
    userAgent: '',
    openedAt: now,
    answerBy: addSeconds(now, PROMPT_TIME),
    grace: seconds(0),
    wrongCodes: 0,
    challenges: [challenge],
    steps: [{ at: now, kind: 'notice_opened', notice: notice.subject.kind }],
  })
}

interface NoticeSettings {
  readonly url: string
  readonly sslVerify: boolean
  /** Whom to call. */
  readonly contact?: string
}

/** Where the phone answers, as for a login, and whom its user may call: by the policies that this isolate knows, else by the token. */
async function settingsOf(
  { deployment }: Pick<Ports, 'deployment'>,
  { type, owner, registrationUrl }: Token,
  now: Instant,
): Promise<NoticeSettings> {
  const snapshot = await deployment.cachedOrReload()
  if (!snapshot.ok) return { url: registrationUrl, sslVerify: true }
  const { policySet } = snapshot.value
  const situation = { ...present({ owner }), address: '', userAgent: '', now, lookup: () => undefined }
  const app = { app: type }
  const enrollment = readActions(policySet, only(ENROLLMENT_ACTIONS, 'push_registration_url'), situation, app)
  const login = readActions(policySet, only(AUTHENTICATION_ACTIONS, 'push_ssl_verify'), situation, app)
  const notice = readActions(policySet, only(NOTICE_ACTIONS, 'new_phone_notice_contact'), situation, app)
  return {
    url: (enrollment.ok ? enrollment.value.push_registration_url : undefined) ?? registrationUrl,
    sslVerify: !(login.ok && login.value.push_ssl_verify === '0'),
    ...present({ contact: notice.ok ? notice.value.new_phone_notice_contact : undefined }),
  }
}
