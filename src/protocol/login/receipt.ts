/** The receipt of a login, as it is written. privacyIDEA has none. Source: docs/receipts.md. */
import canonicalize from 'canonicalize'
import { decodeBase64, encodeBase64, sha256, utf8 } from '../../bytes.ts'
import { present } from '../../present.ts'
import { done, type Outcome } from '../../refusal.ts'
import type { Bytes, Instant } from '../../vocabulary.ts'
import { type AnswerEvidence, RECEIPT_STATUS } from '../../vocabulary/receipts.ts'
import { encodeBase32 } from '../encoding/base32.ts'
import { spkiFromPkcs1 } from '../encoding/phone-keys.ts'
import { boolean, listOf, object, oneOf, string, time } from '../shape.ts'

const FORMAT = 'nod-receipt/1'

/** The fields of a prompt that its signature covers, and the signature. */
const PROMPT_FIELDS = ['nonce', 'url', 'serial', 'question', 'title', 'sslverify', 'require_presence', 'signature']

/** A receipt. Signatures are in padded base32, keys in base64 (SubjectPublicKeyInfo), times in milliseconds since the epoch. */
export interface Receipt {
  readonly format: typeof FORMAT
  readonly context: AnswerEvidence['context']
  readonly salt: string
  readonly prompt: Readonly<Record<string, string>>
  readonly answer: {
    readonly decline: boolean
    readonly decline_reason?: string
    readonly presence_answer?: string
    readonly signature: string
  }
  readonly phone_key: string
  readonly server_key: string
  readonly statement: {
    readonly status: AnswerEvidence['status']
    readonly answered_at: Instant
    readonly finalized_at?: Instant
    readonly issued_at: Instant
  }
  /** The server's, over everything else. */
  readonly signature: string
}

/** Composes and signs a receipt.
 *  @param serverKey PKCS#1, of the key that signed the prompt.
 *  @param sign signs a text's UTF-8 with that key. Refuses: as `sign`. */
export async function composeReceipt(
  { context, salt, prompt, answer, phoneKey, status, answeredAt, finalizedAt }: AnswerEvidence,
  serverKey: Bytes,
  issuedAt: Instant,
  sign: (text: string) => Promise<Outcome<Bytes>>,
): Promise<Outcome<Receipt>> {
  const receipt = {
    format: FORMAT,
    context,
    salt,
    prompt: Object.fromEntries(Object.entries(prompt).filter(([name]) => PROMPT_FIELDS.includes(name))),
    answer: {
      decline: answer.decline,
      ...present({ decline_reason: answer.reason, presence_answer: answer.presence }),
      signature: encodeBase32(bytesOf(answer.signature)),
    },
    phone_key: encodeBase64(bytesOf(phoneKey)),
    server_key: encodeBase64(spkiFromPkcs1(serverKey)),
    statement: {
      status,
      answered_at: answeredAt,
      ...present({ finalized_at: finalizedAt }),
      issued_at: issuedAt,
    },
  } as const
  const signed = await sign(await receiptText(receipt))
  return signed.ok ? done({ ...receipt, signature: encodeBase32(signed.value) }) : signed
}

/** The text that the server signs for a receipt. No prompt begins like this: its nonce has upper-case letters only. */
const receiptText = async (receipt: Omit<Receipt, 'signature'>): Promise<string> =>
  `${FORMAT}|${await sha256(utf8(canonicalize(receipt) ?? ''))}`

const bytesOf = (base64: string): Bytes => decodeBase64(base64) ?? new Uint8Array()

const signature = (about: string) => string(`${about}, base32`)

export const receiptShape = object({
  format: oneOf('The format: docs/receipts.md', FORMAT),
  context: object({
    transaction: string('The login'),
    serial: string('Serial of the token'),
    type: string('Type of the token'),
    phone_key: string("SHA-256 of the phone's public key, in hexadecimal"),
    user: string('Login name of the owner, or empty'),
    realm: string('Realm of the owner, or empty'),
    service: string('Who asked for the login: a service key or an administrator, or empty'),
    address: string('Where that request came from'),
    question: string('Text shown on the phone'),
    title: string('Title shown on the phone'),
    mode: oneOf('How the phone confirms', 'standard', 'presence', 'code_to_phone'),
    options: listOf(string('An option'), 'Number matching: the options shown on the phone'),
    presence: string('Number matching: the option shown at the login; else empty'),
    time: time('When the login was opened'),
  }),
  salt: string('16 random bytes, base64url'),
  prompt: object(
    {
      nonce: string('Ends in the commitment to salt and context'),
      url: string('Where the phone answers'),
      serial: string('Serial of the token'),
      question: string('Text'),
      title: string('Title'),
      sslverify: string('`1` or `0`'),
      signature: signature("The server's signature"),
    },
    { require_presence: string('The options, joined by commas') },
  ),
  answer: object(
    { decline: boolean('The phone declined'), signature: signature("The phone's signature") },
    { decline_reason: string('Why it declined'), presence_answer: string('The option that was tapped') },
  ),
  phone_key: string("The phone's public key, SubjectPublicKeyInfo in base64"),
  server_key: string("The server's public key, SubjectPublicKeyInfo in base64"),
  statement: object(
    {
      status: oneOf('What has become of the login', ...RECEIPT_STATUS),
      answered_at: time('When the answer arrived'),
      issued_at: time('When the receipt was made'),
    },
    { finalized_at: time('When the login was finalized') },
  ),
  signature: signature("The server's signature over everything else"),
})
