/** Makes receipts by docs/receipts.md, with keys of its own. It shares no line with the server, nor with the verifier. */
import { type Bytes, toBase32, utf8 } from '../simulation/bytes.ts'
import { type Keys, publicKeyText, signed } from '../simulation/phone/signing.ts'

type Fields = Readonly<Record<string, unknown>>

export interface Receipt {
  readonly format: string
  readonly context: Fields
  readonly salt: string
  readonly prompt: Fields
  readonly answer: Fields
  readonly phone_key: string
  readonly server_key: string
  readonly statement: Fields
  readonly signature: string
}

export interface Story {
  readonly server: Keys
  readonly phone: Keys
  readonly context?: Fields
  /** Without its signature. */
  readonly answer?: Fields
  readonly statement?: Fields
  /** What the phone signs after nonce and serial; what `answer` means unless set. */
  readonly signs?: string
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const digest = async (bytes: Bytes): Promise<Bytes> => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
const bytesOf = (base64: string): Bytes => new Uint8Array(Buffer.from(base64, 'base64'))

export const fingerprintOf = async (keys: Keys): Promise<string> =>
  hex(await digest(bytesOf(await publicKeyText(keys))))

/** RFC 8785, of what receipts contain. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  entries.sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${entries.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join(',')}}`
}

export async function makeReceipt({ server, phone, context: more, answer, statement, signs }: Story): Promise<Receipt> {
  const context: Fields = {
    transaction: '01234567890123456789',
    serial: 'PIPU00000001',
    type: 'push',
    phone_key: await fingerprintOf(phone),
    user: 'ada',
    realm: 'sales',
    service: 'vpn',
    address: '192.0.2.7',
    question: 'Do you want to confirm the login?',
    title: 'Nod',
    mode: 'standard',
    options: [],
    presence: '',
    time: Date.UTC(2026, 10, 29, 5),
    ...more,
  }
  const salt = crypto.getRandomValues(new Uint8Array(16))
  const commitment = await digest(new Uint8Array([...utf8('nod/nonce/1'), ...salt, ...utf8(canonical(context))]))
  const nonce = toBase32(new Uint8Array([...crypto.getRandomValues(new Uint8Array(8)), ...commitment]))
  const { serial, question, title, options } = context
  const shown = Array.isArray(options) && options.length > 0 ? { require_presence: options.join(',') } : {}
  const unsigned = { nonce, url: 'https://nod.example/ttype/push', serial, question, title, sslverify: '1', ...shown }
  const said: Fields = { decline: false, ...answer }
  const words = said['decline'] === true ? ['decline', said['decline_reason']] : [said['presence_answer']]
  const text = signs ?? words.flatMap((word) => (typeof word === 'string' ? [`|${word}`] : [])).join('')
  return signReceipt(server, {
    format: 'nod-receipt/1',
    context,
    salt: Buffer.from(salt).toString('base64url'),
    prompt: { ...unsigned, signature: await signed(Object.values(unsigned).join('|'), server) },
    answer: { ...said, signature: await signed(`${nonce}|${String(serial)}${text}`, phone) },
    phone_key: await publicKeyText(phone),
    server_key: await publicKeyText(server),
    statement: {
      status: said['decline'] === true ? 'declined' : 'finalized',
      answered_at: Date.UTC(2026, 10, 29, 5, 0, 9),
      ...(said['decline'] === true ? {} : { finalized_at: Date.UTC(2026, 10, 29, 5, 0, 12) }),
      issued_at: Date.UTC(2026, 10, 29, 5, 1),
      ...statement,
    },
  })
}

/** Signs a receipt as the server does, whatever is in it. */
export async function signReceipt(server: Keys, receipt: Omit<Receipt, 'signature'>): Promise<Receipt> {
  const { signature: _, ...rest } = receipt as Receipt
  return { ...rest, signature: await signed(`nod-receipt/1|${hex(await digest(utf8(canonical(rest))))}`, server) }
}

/** The same base64 bytes with other bits after the last one, which a lax decoder does not see. */
export const withSpareBits = (base64: string): string =>
  base64.replace(/[A-Za-z0-9+/](?==+$)/, (letter) => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
    return alphabet[alphabet.indexOf(letter) + 1] ?? letter
  })
