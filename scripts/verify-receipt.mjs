// Verifies a receipt of a login. This file needs nothing but Node 20 or later and itself: copy it to any machine, offline.
//
//   node verify-receipt.mjs <file> [--expect approval|decline|any] [--server-key <fingerprint>] [--phone-key <fingerprint>]
//
// It ends with 0 when the receipt proves what was expected, an approval unless you say otherwise; with 1 and the first thing
// that does not hold; with 2 when it is used wrongly. The format, the proof and its limits: docs/receipts.md.

const FORMAT = 'nod-receipt/1'
const COMMITMENT_LABEL = 'nod/nonce/1'
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** Bytes of a nonce before the commitment. */
const MASKED_ID_BYTES = 8

/** Something in a receipt does not hold. The message is a sentence. */
export class Doubt extends Error {}

/**
 * @typedef {'approval' | 'decline' | 'wrong_number'} Meaning What the phone's signature says.
 * @typedef {Readonly<Record<string, unknown>>} Fields
 *
 * @typedef {object} Context
 * @property {string} transaction
 * @property {string} serial
 * @property {string} type
 * @property {string} phone_key
 * @property {string} user
 * @property {string} realm
 * @property {string} service
 * @property {string} address
 * @property {string} question
 * @property {string} title
 * @property {'standard' | 'presence' | 'code_to_phone'} mode
 * @property {readonly string[]} options
 * @property {string} presence
 * @property {number} time
 *
 * @typedef {object} Prompt
 * @property {string} nonce
 * @property {string} url
 * @property {string} serial
 * @property {string} question
 * @property {string} title
 * @property {string} sslverify
 * @property {string} [require_presence]
 * @property {string} signature
 *
 * @typedef {object} Answer
 * @property {boolean} decline
 * @property {string} [decline_reason]
 * @property {string} [presence_answer]
 * @property {string} signature
 *
 * @typedef {object} Statement
 * @property {string} status
 * @property {number} answered_at
 * @property {number} [finalized_at]
 * @property {number} issued_at
 *
 * @typedef {object} Receipt
 * @property {string} format
 * @property {Context} context
 * @property {string} salt
 * @property {Prompt} prompt
 * @property {Answer} answer
 * @property {string} phone_key
 * @property {string} server_key
 * @property {Statement} statement
 * @property {string} signature
 *
 * @typedef {'approval' | 'decline' | 'any'} Expected
 *
 * @typedef {object} Expectations
 * @property {Expected} [expect] What the receipt has to prove; an approval unless set.
 * @property {string | undefined} [serverKey] The fingerprint that the server's key has to have.
 * @property {string | undefined} [phoneKey] The fingerprint that the phone's key has to have.
 */

/**
 * Verifies a receipt, and answers what it proves and what it does not, in lines of text. Throws a Doubt with the first thing
 * that does not hold.
 * @param {string} text The file: the receipt, or the whole response that it came in.
 * @param {Expectations} [expectations]
 * @returns {Promise<readonly string[]>}
 */
export async function verifyReceipt(text, { expect = 'approval', serverKey, phoneKey } = {}) {
  const receipt = readReceipt(text)
  const { context, prompt, answer, statement } = receipt

  // 1. The nonce holds the commitment to this context.
  await checkCommitment(context, receipt.salt, prompt.nonce)

  // 2. The prompt says what the context says, and the server signed it.
  for (const name of /** @type {const} */ (['serial', 'question', 'title']))
    hold(prompt[name] === context[name], `the prompt has another ${name} than the context`)
  const options = context.mode === 'presence' ? context.options.join(',') : undefined
  hold(prompt.require_presence === options, 'the prompt has other options than the context')
  hold(context.options.length > 0 === (context.mode === 'presence'), 'the options do not fit the mode')
  const server = await importKey(receipt.server_key, "the server's key")
  hold(
    await hasSigned(server, promptText(prompt), prompt.signature, "the prompt's signature"),
    "the server's key did not sign this prompt",
  )

  // 3. The server expected an answer of this phone's key, and this key signed the answer.
  const phone = await importKey(receipt.phone_key, "the phone's key")
  hold(
    context.phone_key === phone.fingerprint,
    "the phone's key is not the one whose answer the server had committed to accept",
  )
  const meaning = meaningOf(context, answer)
  hold(
    await hasSigned(phone, answerText(prompt, answer), answer.signature, "the answer's signature"),
    "the phone's key did not sign this answer",
  )

  // 4. The server's statement, and with it every other field.
  const { signature, ...signed } = receipt
  const statementText = `${FORMAT}|${hex(await sha256(utf8(canonical(signed))))}`
  hold(
    await hasSigned(server, statementText, signature, "the receipt's signature"),
    "the server's key did not sign this receipt as it is",
  )
  checkStatement(context, meaning, statement)

  // 5. What the reader knows from elsewhere, and wants proven.
  if (serverKey !== undefined)
    hold(sameFingerprint(serverKey, server), `the server's key has another fingerprint: ${server.fingerprint}`)
  if (phoneKey !== undefined)
    hold(sameFingerprint(phoneKey, phone), `the phone's key has another fingerprint: ${phone.fingerprint}`)
  const lines = [
    ...proven(receipt, meaning, phone, server),
    ...stated(statement),
    ...notProven(context, meaning, { hasServerKey: serverKey !== undefined, server }),
  ]
  const missing = shortcoming(context, meaning, statement, expect)
  if (missing !== undefined) throw new Doubt(missing)
  return lines
}

// --- reading ---

/** What each part of a receipt holds, and nothing else. A name with `?` may be absent. */
const SHAPES = {
  receipt: {
    format: 'text',
    context: 'part',
    salt: 'text',
    prompt: 'part',
    answer: 'part',
    phone_key: 'text',
    server_key: 'text',
    statement: 'part',
    signature: 'text',
  },
  context: {
    transaction: 'text',
    serial: 'text',
    type: 'text',
    phone_key: 'text',
    user: 'text',
    realm: 'text',
    service: 'text',
    address: 'text',
    question: 'text',
    title: 'text',
    mode: 'text',
    options: 'texts',
    presence: 'text',
    time: 'time',
  },
  prompt: {
    nonce: 'text',
    url: 'text',
    serial: 'text',
    question: 'text',
    title: 'text',
    sslverify: 'text',
    'require_presence?': 'text',
    signature: 'text',
  },
  answer: { decline: 'flag', 'decline_reason?': 'text', 'presence_answer?': 'text', signature: 'text' },
  statement: { status: 'text', answered_at: 'time', 'finalized_at?': 'time', issued_at: 'time' },
}

/** @type {Readonly<Record<string, (value: unknown) => boolean>>} */
const KINDS = {
  text: (value) => typeof value === 'string' && value.isWellFormed(),
  texts: (value) => Array.isArray(value) && value.every((one) => KINDS['text']?.(one)),
  flag: (value) => typeof value === 'boolean',
  time: (value) => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= 8.64e15,
  part: isFields,
}

/** Reads a receipt whose fields are all there, of their kinds, and no others. @param {string} text @returns {Receipt} */
function readReceipt(text) {
  /** @type {unknown} */
  let parsed
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new Doubt('the file is not JSON')
  }
  const response = isFields(parsed) && isFields(parsed['result']) ? parsed['result']['value'] : undefined
  const fields = response ?? parsed
  hold(isFields(fields) && typeof fields['format'] === 'string', 'the file is no receipt')
  hold(fields['format'] === FORMAT, `the receipt has the format ${fields['format']}, and this program knows ${FORMAT}`)
  checkShape('receipt', fields)
  for (const part of /** @type {const} */ (['context', 'prompt', 'answer', 'statement'])) checkShape(part, fields[part])
  const receipt = /** @type {Receipt} */ (/** @type {unknown} */ (fields))
  const { context, prompt } = receipt
  hold(/^[A-Z2-7]{64}$/.test(prompt.nonce), 'the nonce is malformed')
  // A separator in one of these would move what is signed from one field to another.
  hold(/^[\w-]{1,40}$/.test(context.serial), 'the serial is malformed')
  for (const value of [prompt.url, prompt.question, prompt.title, ...context.options])
    hold(!value.includes('|'), 'a field of the prompt has a separator in it')
  hold(/^[01]$/.test(prompt.sslverify), 'sslverify is neither 0 nor 1')
  hold(['standard', 'presence', 'code_to_phone'].includes(context.mode), `the mode ${context.mode} is unknown`)
  return receipt
}

/** @param {keyof typeof SHAPES} part @param {unknown} value */
function checkShape(part, value) {
  hold(isFields(value), `the receipt has no ${part}`)
  const shape = /** @type {Readonly<Record<string, string>>} */ (SHAPES[part])
  const where = part === 'receipt' ? 'the receipt' : `${part} of the receipt`
  for (const [entry, kind] of Object.entries(shape)) {
    const name = entry.replace('?', '')
    if (entry !== name && !Object.hasOwn(value, name)) continue
    hold(Object.hasOwn(value, name), `${where} lacks ${name}`)
    hold(KINDS[kind]?.(value[name]), `${where} has a ${name} of the wrong kind`)
  }
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(shape, name) && !Object.hasOwn(shape, `${name}?`))
  hold(unknown === undefined, `${where} has a field that nothing proves: ${unknown}`)
}

/** @param {unknown} value @returns {value is Fields} */
function isFields(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// --- checking ---

/** @param {unknown} condition @param {string} otherwise @returns {asserts condition} */
function hold(condition, otherwise) {
  if (condition !== true) throw new Doubt(otherwise)
}

/** @param {Context} context @param {string} salt @param {string} nonce */
async function checkCommitment(context, salt, nonce) {
  const saltBytes = decode(salt, 'base64url', 'the salt')
  hold(saltBytes.length === 16, 'the salt has not 16 bytes')
  const commitment = await sha256(joined(utf8(COMMITMENT_LABEL), saltBytes, utf8(canonical(context))))
  const tail = decode(nonce, 'base32', 'the nonce').slice(MASKED_ID_BYTES)
  hold(hex(tail) === hex(commitment), 'the nonce does not commit to this context and salt')
}

/** The text that the server signs for a prompt. @param {Prompt} prompt */
const promptText = ({ nonce, url, serial, question, title, sslverify, require_presence: options }) =>
  [nonce, url, serial, question, title, sslverify, ...(options === undefined ? [] : [options])].join('|')

/** The text that the phone signs to answer. @param {Prompt} prompt @param {Answer} answer */
function answerText({ nonce, serial }, { decline, decline_reason: reason, presence_answer: presence }) {
  if (decline) return [nonce, serial, 'decline', ...(reason === undefined ? [] : [reason])].join('|')
  return [nonce, serial, ...(presence === undefined ? [] : [presence])].join('|')
}

/**
 * What an answer means, whatever the server says of it. A text that declines can never be read as one that approves: no option
 * is, or begins with, the word by which a phone declines.
 * @param {Context} context @param {Answer} answer @returns {Meaning}
 */
function meaningOf({ mode, options, presence: shown }, { decline, decline_reason: reason, presence_answer: tapped }) {
  if (decline) {
    hold(tapped === undefined, 'the answer both declines and chooses an option')
    return 'decline'
  }
  hold(reason === undefined, 'the answer has a reason to decline, and does not decline')
  if (mode !== 'presence') {
    hold(shown === '' && tapped === undefined, 'the answer chooses an option where none was shown')
    return 'approval'
  }
  hold(options.includes(shown), 'the option shown at the login is none of those shown on the phone')
  hold(tapped !== undefined, 'the answer chooses no option')
  hold(!/^decline(?:\||$)/.test(tapped), 'the answer chooses an option that reads like a decline')
  return tapped === shown ? 'approval' : 'wrong_number'
}

/** @type {Readonly<Record<Meaning, readonly string[]>>} */
const POSSIBLE = {
  approval: ['confirmed', 'accepted', 'finalized', 'withdrawn', 'expired'],
  decline: ['declined'],
  wrong_number: ['wrong_number'],
}

/** @param {Context} context @param {Meaning} meaning @param {Statement} statement */
function checkStatement({ mode }, meaning, { status, finalized_at: finalizedAt }) {
  hold(POSSIBLE[meaning].includes(status), `the server states "${status}", and the phone signed: ${WORDS[meaning]}`)
  const unfit = mode === 'code_to_phone' ? 'accepted' : 'confirmed'
  hold(status !== unfit, `the status ${status} does not fit the mode`)
  hold((status === 'finalized') === (finalizedAt !== undefined), 'the status and the time of the end do not fit')
}

/** Why a receipt that holds is not what was expected; undefined if it is.
 *  @param {Context} context @param {Meaning} meaning @param {Statement} statement @param {Expected} expect */
function shortcoming({ mode }, meaning, { status }, expect) {
  if (expect === 'any') return undefined
  if (expect === 'decline') return meaning === 'decline' ? undefined : `this is no decline: ${WORDS[meaning]}`
  if (meaning !== 'approval') return `this is no approval: ${WORDS[meaning]}`
  if (status === 'withdrawn') return 'the phone approved, but the login was withdrawn before it was used'
  if (status === 'expired') return 'the phone approved, but the login was never used and has expired'
  return mode === 'code_to_phone' && status !== 'finalized'
    ? 'the phone has shown its code, but nobody has entered it at the login yet'
    : undefined
}

/** @type {Readonly<Record<Meaning, string>>} */
const WORDS = {
  approval: 'the phone approved',
  decline: 'the phone declined',
  wrong_number: 'the phone chose another option than the one shown at the login, which does not approve',
}

// --- words ---

/** @param {number} time */
const at = (time) => `${new Date(time).toISOString().replace('T', ' ').replace('Z', '')} UTC`
/** A text of the receipt on one line, with nothing in it that moves the words around it. @param {string} text */
const quoted = (text) => JSON.stringify(text).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '?')

/** @param {Receipt} receipt @param {Meaning} meaning @param {Key} phone @param {Key} server */
function proven({ context, answer }, meaning, phone, server) {
  const { transaction, user, realm, service, address, mode, options, presence, time } = context
  const action = {
    approval: {
      standard: 'approved the login by a tap',
      presence: `approved the login by tapping ${quoted(presence)}, the option that the login page was given to show`,
      code_to_phone: 'agreed to be shown a code, to be entered at the login page',
    }[mode],
    decline: `declined the login${answer.decline_reason === undefined ? '' : ` (${quoted(answer.decline_reason)})`}`,
    wrong_number: `tapped ${quoted(answer.presence_answer ?? '')}, where the login page was given ${quoted(presence)} to show: the login was not approved`,
  }[meaning]
  return [
    'This receipt holds.',
    '',
    'PROVEN by signatures:',
    '  The holder of the server key bound itself to this, in a way that could not be changed afterwards:',
    `    login            ${transaction}, opened ${at(time)} by the server's clock`,
    `    user             ${quoted(user)} in the realm ${quoted(realm)}`,
    `    asked for by     ${service === '' ? 'a caller without a name' : quoted(service)}, from the address ${quoted(address)}`,
    `    title            ${quoted(context.title)}`,
    `    question         ${quoted(context.question)}`,
    ...(options.length > 0 ? [`    options          ${options.map(quoted).join(' ')}`] : []),
    `    to be answered   by the token ${context.serial}, with the phone key below`,
    '  Only after that, the holder of the phone key signed an answer to exactly this:',
    `    the phone        ${action}`,
    `  Server key: ${server.fingerprint}`,
    `  Phone key:  ${phone.fingerprint}`,
  ]
}

/** @type {Readonly<Record<string, string>>} */
const STATUS_WORDS = {
  confirmed: 'the phone shows its code, which was not entered by then',
  accepted: 'the answer was accepted; the login was not used by then',
  finalized: 'the login was used',
  declined: 'the login was declined',
  wrong_number: 'the answer was refused',
  withdrawn: 'the login was withdrawn before it was used',
  expired: 'the login has expired and was never used',
}

/** @param {Statement} statement */
const stated = ({ status, answered_at: answeredAt, finalized_at: finalizedAt, issued_at: issuedAt }) => [
  '',
  `STATED by the server, and signed by it, when the receipt was made (${at(issuedAt)}):`,
  `  ${STATUS_WORDS[status]}${finalizedAt === undefined ? '' : ` (${at(finalizedAt)})`}`,
  `  the answer arrived ${at(answeredAt)}`,
]

/** @param {Context} context @param {Meaning} meaning @param {{ hasServerKey: boolean, server: Key }} known */
const notProven = ({ mode }, meaning, { hasServerKey, server }) => [
  '',
  'NOT PROVEN:',
  ...(hasServerKey
    ? []
    : [
        `  - whose server this is. Whoever makes keys can make a receipt of their own. Compare ${server.fingerprint}`,
        '    with the fingerprint that the operator gives you (npm run nod -- keys), or pass it as --server-key',
      ]),
  '  - what the user read or understood: only what was sent to be shown',
  '  - who held the phone, and whether its key was in other hands',
  '  - that the server was told the truth about the user, the service or the address, or told it',
  "  - that the server's clock was right",
  ...(mode === 'code_to_phone' && meaning === 'approval'
    ? ['  - that the code was entered at the login page: that is the word of the server']
    : []),
  ...(mode === 'presence' ? ['  - that the login page showed the option that it was given'] : []),
]

// --- cryptography ---

/** @typedef {{ readonly key: CryptoKey, readonly fingerprint: string, readonly curveBytes: number }} Key */

/** Coordinates of a curve in bytes; 0: an RSA key. */
const ALGORITHMS = [
  { curveBytes: 0, algorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } },
  { curveBytes: 32, algorithm: { name: 'ECDSA', namedCurve: 'P-256' } },
  { curveBytes: 48, algorithm: { name: 'ECDSA', namedCurve: 'P-384' } },
]

/** Imports a SubjectPublicKeyInfo: RSA of 2048 bits or more, P-256 or P-384.
 *  @param {string} base64 @param {string} what @returns {Promise<Key>} */
async function importKey(base64, what) {
  const spki = decode(base64, 'base64', what)
  for (const { algorithm, curveBytes } of ALGORITHMS) {
    const key = await crypto.subtle.importKey('spki', spki, algorithm, false, ['verify']).catch(() => undefined)
    if (key === undefined) continue
    const { modulusLength = 2048, publicExponent = [1, 0, 1] } = /** @type {any} */ (key.algorithm)
    hold(modulusLength >= 2048 && publicExponent.join() !== '1', `${what} is too weak to prove anything`)
    return { key, curveBytes, fingerprint: hex(await sha256(spki)) }
  }
  throw new Doubt(`${what} is no public key`)
}

/** @param {Key} key @param {string} text @param {string} signature base32 @param {string} what */
async function hasSigned({ key, curveBytes }, text, signature, what) {
  const bytes = decode(signature, 'base32', what)
  const raw = curveBytes === 0 ? bytes : rawSignature(bytes, curveBytes)
  if (raw === undefined) return false
  return crypto.subtle.verify({ name: key.algorithm.name, hash: 'SHA-256' }, key, raw, utf8(text))
}

/** ECDSA in DER (RFC 3279) to `r ‖ s`, which WebCrypto wants; undefined for anything but the one proper form.
 *  @param {Uint8Array} der @param {number} size bytes of a coordinate */
function rawSignature(der, size) {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined
  const raw = new Uint8Array(size * 2)
  let next = 2
  for (const end of [size, size * 2]) {
    const length = der[next + 1] ?? 0
    const number = der.slice(next + 2, next + 2 + length)
    const [first = 0x80, second = 0x80] = number
    const isPadded = first === 0 && number.length > 1
    if (der[next] !== 0x02 || number.length !== length || first >= 0x80 || (isPadded && second < 0x80)) return undefined
    const digits = isPadded ? number.slice(1) : number
    if (digits.length > size) return undefined
    raw.set(digits, end - digits.length)
    next += 2 + length
  }
  return next === der.length ? raw : undefined
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))

/** @param {string} text */
const utf8 = (text) => new Uint8Array(new TextEncoder().encode(text))

/** @param {Uint8Array} bytes */
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** @param {readonly Uint8Array[]} parts */
const joined = (...parts) => new Uint8Array(parts.flatMap((part) => [...part]))

/** @param {string} expected @param {Key} key */
const sameFingerprint = (expected, { fingerprint }) => expected.toLowerCase().replaceAll(/[\s:]/g, '') === fingerprint

/** Decodes a text that has only one spelling: what encodes to the same text again.
 *  @param {string} text @param {'base32' | 'base64' | 'base64url'} encoding @param {string} what */
function decode(text, encoding, what) {
  const bytes = encoding === 'base32' ? decodeBase32(text) : new Uint8Array(Buffer.from(text, encoding))
  const again = encoding === 'base32' ? encodeBase32(bytes) : Buffer.from(bytes).toString(encoding)
  hold(again === text, `${what} is not proper ${encoding}`)
  return bytes
}

/** @param {string} text */
function decodeBase32(text) {
  const bits = Array.from(text.replace(/=*$/, ''), (letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0'))
  return new Uint8Array(
    bits
      .join('')
      .match(/.{8}/g)
      ?.map((byte) => Number.parseInt(byte, 2)) ?? [],
  )
}

/** @param {Uint8Array} bytes */
function encodeBase32(bytes) {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  const letters = (bits.match(/.{1,5}/g) ?? []).map((five) => BASE32[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')
  return letters.padEnd(Math.ceil(letters.length / 8) * 8, '=')
}

/** Canonical JSON (RFC 8785) of texts, flags, whole numbers, lists and fields. @param {unknown} value @returns {string} */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isFields(value)) return JSON.stringify(value)
  const names = Object.keys(value).toSorted()
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`
}

// --- the program ---

export const USAGE = `  <file>                      the receipt: what GET /transaction/<id>/receipt answered
  --expect <what>             approval (unless you say otherwise), decline, or any
  --server-key <fingerprint>  the server's key has to be this one: SHA-256 of its SubjectPublicKeyInfo, in hexadecimal
  --phone-key <fingerprint>   the phone's key has to be this one`

/** What `--expect` says; undefined for anything else. @param {string} text */
export const expected = (text) => /** @type {const} */ (['approval', 'decline', 'any']).find((one) => one === text)

/** @param {string} path */
async function isProgram(path) {
  const [{ realpathSync }, { fileURLToPath }] = await Promise.all([import('node:fs'), import('node:url')])
  return realpathSync(path) === realpathSync(fileURLToPath(import.meta.url))
}

/** @param {string[]} args */
async function main(args) {
  const { parseArgs } = await import('node:util')
  const { readFileSync } = await import('node:fs')
  const options = /** @type {const} */ ({
    help: { type: 'boolean' },
    expect: { type: 'string', default: 'approval' },
    'server-key': { type: 'string' },
    'phone-key': { type: 'string' },
  })
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    const { expect: wanted, help } = values
    const [file] = positionals
    if (help === true) {
      console.log(`Verifies a receipt of a login, offline.\n\n  node verify-receipt.mjs <file> [options]\n\n${USAGE}`)
      return 0
    }
    if (file === undefined || positionals.length > 1) throw new TypeError('one file is expected')
    const expect = expected(wanted)
    if (expect === undefined) throw new TypeError('--expect takes approval, decline or any')
    const known = { expect, serverKey: values['server-key'], phoneKey: values['phone-key'] }
    console.log((await verifyReceipt(readFileSync(file, 'utf8'), known)).join('\n'))
    return 0
  } catch (error) {
    if (error instanceof Doubt) console.error(`Does not hold: ${error.message}.`)
    else console.error(`${error instanceof Error ? error.message : String(error)}. --help tells more.`)
    return error instanceof Doubt ? 1 : 2
  }
}

if (process.argv[1] !== undefined && (await isProgram(process.argv[1])))
  process.exitCode = await main(process.argv.slice(2))
