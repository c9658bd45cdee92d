import { createPublicKey } from 'node:crypto'
import type { Json } from './recording.ts'

/** The forms of values that differ from run to run: only the spelling of such a value is compared. */

interface Form {
  readonly name: string
  readonly fits: (text: string) => boolean
}

const pattern = (name: string, expression: RegExp): Form => ({ name, fits: (text) => expression.test(text) })

/** PKCS#1 in base64 without armour. Line breaks are allowed: the app strips them. */
const serverKey: Form = {
  name: 'a PKCS#1 public key in base64',
  fits: (text) => {
    if (!/^MI[\w+/]+[\w+/\s]*={0,2}\s*$/.test(text)) return false
    try {
      const key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs1' })
      return (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048
    } catch {
      return false
    }
  },
}

/** java-client decodes the claims with the standard alphabet and reads `exp` as an integer (docs/protocol.md, "Credentials"). */
const apiToken: Form = {
  name: 'a JWT whose claims need no URL-safe alphabet and have an integer exp',
  fits: (text) => {
    const claims = /^[\w-]+\.([A-Za-z0-9]+)\.[\w-]+$/.exec(text)?.[1]
    if (claims === undefined) return false
    const read = JSON.parse(Buffer.from(claims, 'base64').toString()) as { exp?: unknown }
    return Number.isInteger(read.exp)
  },
}

const soon: Form = {
  name: 'epoch seconds two minutes ahead',
  fits: (text) => /^\d{10}$/.test(text) && Math.abs(Number(text) - Date.now() / 1000 - 120) < 30,
}

const FORMS: readonly (readonly [keys: readonly string[], form: Form])[] = [
  [['transaction_id', 'transaction_ids'], pattern('20 digits', /^\d{20}$/)],
  [['enrollment_credential'], pattern('40 hexadecimal digits', /^[0-9a-f]{40}$/)],
  [['nonce', 'challenge'], pattern('32 characters of base32', /^[A-Z2-7]{32}$/)],
  [['signature', 'capabilities_signature'], pattern('padded base32', /^(?:[A-Z2-7]{8})+(?:[A-Z2-7]{2,7}=+)?$/)],
  [['public_key'], serverKey],
  [['serial'], pattern('four letters, then 8 letters or digits', /^[A-Z]{4}[0-9A-Z]{8}$/)],
  [['token'], apiToken],
  [['img', 'image'], pattern('a PNG as data URI', /^data:image\/png;base64,iVBOR[\w+/]+={0,2}$/)],
  [['apns-expiration'], soon],
  [['presence_answer', 'display_code'], pattern('a short text', /^[^|,]+$/)],
]

const MOMENT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.+Z-]*$|^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/
const DAYS_AND_MONTHS = /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b/g

/** Whether the whole text is a date and time, as Python, HTTP or ISO 8601 spell it. */
export const isMoment = (text: string): boolean => MOMENT.test(text)

const spelling = (text: string): string => text.replaceAll(/\d/g, '0').replaceAll(DAYS_AND_MONTHS, 'Xxx')

/** A replay takes a minute or two: a time further from now is of another run, or in another zone. */
const NEAR = 20 * 60 * 1000

function momentFault(recorded: string, live: string): string | undefined {
  if (spelling(recorded) !== spelling(live)) return `a time spelled like ${recorded}`
  const moment = Date.parse(live.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  return Math.abs(moment - Date.now()) < NEAR ? undefined : 'a time about now'
}

/** Describes the expected form of a live value that has another one; undefined if its form is right. */
export function formFault(key: string, recorded: Json, live: Json | undefined): string | undefined {
  const [expected, got] = [recorded, live].map((value) =>
    value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value,
  )
  if (expected !== got) return `a value of type ${expected}`
  if (typeof recorded !== 'string' || typeof live !== 'string') return undefined
  const form = FORMS.find(([keys]) => keys.includes(key))?.[1]
  if (form) return form.fits(live) ? undefined : form.name
  return isMoment(recorded) ? momentFault(recorded, live) : undefined
}
