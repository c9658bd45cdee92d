/** Which values an action takes: each check answers what is wrong with a value, or undefined if nothing is. */
import { challengeTextFault, textFault } from '../../login/texts.ts'
import { regularExpressionFault } from '../pattern.ts'

export interface ValueCheck {
  (value: string): string | undefined
  /** All values there are. */
  readonly values?: readonly string[]
  /** Which values there are, where they are too many to list. */
  readonly hint?: string
}

/** A presence option must not read as a decline: the phone signs both at the same place. */
const RESERVED_OPTIONS: ReadonlySet<string> = new Set(['decline', 'cancelled', 'unknown_trigger'])

export const withHint = (hint: string, check: ValueCheck): ValueCheck => Object.assign(check, { hint })

/** A whole number, both limits included. */
export const wholeNumber = (least: number, most: number): ValueCheck =>
  withHint(`${least} to ${most}`, (value) =>
    /^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `'${value}' is not a whole number from ${least} to ${most}`,
  )

export const oneOf = (...values: readonly string[]): ValueCheck =>
  Object.assign(
    (value: string) => (values.includes(value) ? undefined : `'${value}' is none of ${values.join(', ')}`),
    { values },
  )

/** A text a phone shows, at most `most` characters: an FCM message takes 4 KB. Bars separate the parts the phone signs. */
export const phoneText = (most: number): ValueCheck =>
  withHint(`at most ${most} characters, no \`|\``, (value) => {
    if (value.includes('|')) return `'|' separates the parts that are signed for the phone`
    return value.length > most ? `${value.length} characters are more than a phone is sent (${most})` : undefined
  })

/** A text a phone shows, with tags. */
export const phoneTemplate = (most: number): ValueCheck => {
  const length = phoneText(most)
  return withHint(`${length.hint}, tags`, (value) => length(value) ?? textFault(value))
}

export const challengeTemplate: ValueCheck = withHint('tags', challengeTextFault)
export const frameTemplate: ValueCheck = withHint('tags, no `{presence_answer}`', textFault)

export const httpUrl: ValueCheck = withHint('an http or https URL', (value) => {
  if (value.includes('|')) return `'|' separates the parts that are signed for the phone`
  const isSpelled = /^https?:\/\/[^/?#\s]/i.test(value) && !/\p{Cc}/u.test(value)
  return isSpelled && URL.canParse(value) ? undefined : `'${value}' is not an http or https URL with a host`
})

/** `a:b:c`: two or more different options. Source: docs/protocol.md, "Number matching"; docs/protocol.md, "Hardenings". */
export const presenceOptionList: ValueCheck = withHint('two options or more, separated by colons', (value) => {
  const options = value.split(':')
  if (options.length < 2) return 'there have to be two options or more, separated by colons'
  if (new Set(options).size < options.length) return 'an option stands there twice'
  const invalid = options.find((option) => option === '' || option !== option.trim() || /[,|]/.test(option))
  if (invalid !== undefined) return `'${invalid}' is empty, or has a comma, a bar or a space around it`
  const reserved = options.find((option) => RESERVED_OPTIONS.has(option))
  return reserved === undefined ? undefined : `'${reserved}' is a word of the protocol`
})

const CLIENT_MODES: readonly string[] = ['interactive', 'webauthn', 'poll', 'u2f']
export const clientModeList: ValueCheck = withHint(`words of ${CLIENT_MODES.join(', ')}`, (value) => {
  const unknown = value.split(/\s+/).find((mode) => !CLIENT_MODES.includes(mode))
  return unknown === undefined ? undefined : `'${unknown}' is none of ${CLIENT_MODES.join(', ')}`
})

/** Token types separated by spaces. Types that Nod does not have are accepted: imported policies name them. */
export const tokenTypeList: ValueCheck = withHint('types of tokens', (value) =>
  /^[a-z0-9_]+(?:\s+[a-z0-9_]+)*$/i.test(value.trim()) ? undefined : `'${value}' is no list of types of tokens`,
)

/** Names of service keys separated by spaces. A key that does not exist yet may be named. */
export const serviceNameList: ValueCheck = withHint('names of service keys', (value) =>
  value.trim() === '' ? 'there is no name in it' : undefined,
)

/** A regular expression that is found anywhere in a text, unless it begins with `^` or ends with `$`. */
export const regularExpression: ValueCheck = withHint('a regular expression', regularExpressionFault)
