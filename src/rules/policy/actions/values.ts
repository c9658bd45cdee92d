/** What an action of a policy may be, and which values it may have: checks that tell the fault, or undefined if there is none. */
export interface ValueCheck {
  (value: string): string | undefined
  /** All values there are. */
  readonly values?: readonly string[]
  /** Which values there are, where they are too many to be listed. */
  readonly takes?: string
}

/** What an action takes: `bool` nothing, `int` a whole number, `str` a text; `check` tells what a value is unfit for. */
export interface ActionDefinition {
  readonly type: 'bool' | 'int' | 'str'
  readonly description: string
  readonly group?: string
  readonly check?: ValueCheck
  /** All policies that match count, not only the first: their words are joined. */
  readonly isUnion?: true
  /** What holds where no policy says anything. */
  readonly default?: string
}

/** Options of a number matching must not be readable as a decline: what the phone signs joins both to the same place. */
const RESERVED_OPTIONS: ReadonlySet<string> = new Set(['decline', 'cancelled', 'unknown_trigger'])

export const withHint = (takes: string, check: ValueCheck): ValueCheck => Object.assign(check, { takes })

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

/** A text a phone shows, at most `most` characters: it travels in a message of 4 KB, between bars in what is signed. */
export const phoneText = (most: number): ValueCheck =>
  withHint(`at most ${most} characters, no \`|\``, (value) => {
    if (value.includes('|')) return `'|' separates the parts that are signed for the phone`
    return value.length > most ? `${value.length} characters are more than a phone is sent (${most})` : undefined
  })

export const httpUrl: ValueCheck = withHint('an http or https URL', (value) => {
  if (value.includes('|')) return `'|' separates the parts that are signed for the phone`
  const spelled = /^https?:\/\/[^/?#\s]/i.test(value) && !/\p{Cc}/u.test(value)
  return spelled && URL.canParse(value) ? undefined : `'${value}' is not an http or https URL with a host`
})

/** `a:b:c`: two or more different options. Source: docs/protocol.md, "Number matching" and "Hardenings". */
export const presenceOptionList: ValueCheck = withHint('two options or more, separated by colons', (value) => {
  const options = value.split(':')
  if (options.length < 2) return 'there have to be two options or more, separated by colons'
  if (new Set(options).size < options.length) return 'an option stands there twice'
  const unfit = options.find((option) => option === '' || option !== option.trim() || /[,|]/.test(option))
  if (unfit !== undefined) return `'${unfit}' is empty, or has a comma, a bar or a space around it`
  const reserved = options.find((option) => RESERVED_OPTIONS.has(option))
  return reserved === undefined ? undefined : `'${reserved}' is a word of the protocol`
})

export const clientModeList: ValueCheck = withHint('words of interactive, webauthn, poll, u2f', (value) => {
  const unknown = value.split(/\s+/).find((mode) => !['interactive', 'webauthn', 'poll', 'u2f'].includes(mode))
  return unknown === undefined ? undefined : `'${unknown}' is none of interactive, webauthn, poll, u2f`
})

export const enrollableType: ValueCheck = withHint('`PUSH`', (value) =>
  value.toUpperCase() === 'PUSH' ? undefined : `'${value}' is no type that Nod enrolls; PUSH is`,
)

const pinSources = oneOf('tokenpin', 'none')
export const firstFactor: ValueCheck = Object.assign(
  (value: string) =>
    value === 'userstore' ? 'Nod keeps no passwords of a directory: userstore cannot be checked' : pinSources(value),
  pinSources.values && { values: pinSources.values },
)
/** Types of tokens, those too that Nod has none of: policies come from deployments that had. */
export const tokenTypeList: ValueCheck = withHint('types of tokens', (value) =>
  /^[a-z0-9_]+(?:\s+[a-z0-9_]+)*$/i.test(value.trim()) ? undefined : `'${value}' is no list of types of tokens`,
)

/** A regular expression that is found quickly or not at all: no groups, and few repetitions. It need not be all of a text. */
export const regularExpression: ValueCheck = withHint('a regular expression without groups', (value) => {
  if (/[()\\]/.test(value)) return `'${value}': Nod takes no groups and no backslashes in a pattern`
  if (value.length > 200 || (value.match(/[*+?{]/g) ?? []).length > 4)
    return `'${value}': a pattern has at most 200 characters and four repetitions`
  try {
    void new RegExp(value, 'u')
    return undefined
  } catch {
    return `'${value}' is not a regular expression`
  }
})
