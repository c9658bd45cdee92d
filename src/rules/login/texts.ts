/** The texts people read: the question on the phone and the text at the login, with their tags filled in. Source: docs/protocol.md, "Tags"; golden 21-texts. */

/** The tags policies may use. `user` is the given name; `realm` the acting administrator's, `userrealm` the owner's. */
const TAGS = [
  'serial',
  'user',
  'givenname',
  'surname',
  'username',
  'realm',
  'userrealm',
  'tokentype',
  'client_ip',
  'ua_browser',
  'ua_string',
  'time',
  'date',
  'challenge',
  'url',
  'action',
  'recipient_givenname',
  'recipient_surname',
] as const

/** The values of the tags. A missing one is empty. */
export type TextTags = { readonly [Tag in (typeof TAGS)[number]]?: string | undefined }

export const DEFAULT_QUESTION = 'Do you want to confirm the login?'

/** One challenge of a login: its texts, the values of their tags, and the option the user has to tap, if any. */
export interface ChallengeFacts {
  readonly settings: { readonly challengeText: string; readonly header?: string; readonly footer?: string }
  readonly tags: TextTags
  readonly presenceAnswer?: string
}

/** Longer than any name, and short enough to leave room in a message of 4 KB. */
const LONGEST_VALUE = 200

/** The question on the phone, without `|`. A text with an unknown tag or broken braces is replaced by the default question, because half a
 *  question could be misread. `{{` is a brace, `\,` a comma. */
export function mobileText(template: string, tags: TextTags): string {
  let sound = true
  const flaw = (): string => {
    sound = false
    return ''
  }
  // `|` separates the parts that are signed; a name or a User-Agent must not be able to add one.
  const text = fill(template, (tag) => valueOf(tags, tag)?.replaceAll('|', '¦') ?? flaw(), flaw)
  return sound ? text.replaceAll('|', '¦') : DEFAULT_QUESTION
}

/** The text on the login page. An unknown tag is empty, a single brace stays. `{{` is a brace, `\,` a comma. */
export function loginText(template: string, tags: TextTags & { readonly presence_answer?: string }): string {
  const value = (tag: string): string => (tag === 'presence_answer' ? tags.presence_answer : valueOf(tags, tag)) ?? ''
  return fill(template, value, (brace) => brace)
}

/** The texts of all challenges on the login page: one for each and one for all, with header and footer, which are the same for every
 *  type of token. Every text names the option to tap, at its end unless the template says where. Source: docs/protocol.md, "Challenge answer", golden 21-texts. */
export function challengeMessage(challenges: readonly ChallengeFacts[]): {
  readonly messages: readonly string[]
  readonly message: string
} {
  const messages = challenges.map(({ settings: { challengeText }, tags, presenceAnswer }) => {
    if (presenceAnswer === undefined) return loginText(challengeText, tags)
    const text = loginText(challengeText, { ...tags, presence_answer: presenceAnswer })
    return /(?<!\{)\{presence_answer\}/.test(challengeText) ? text : `${text} Please press: ${presenceAnswer}`
  })
  const unique = [...new Set(messages)]
  const { header, footer } = challenges[0]?.settings ?? {}
  if (header === undefined && footer === undefined) return { messages, message: unique.join(', ') }
  const around = (text: string | undefined): readonly string[] =>
    text === undefined ? [] : [loginText(text, challenges[0]?.tags ?? {})]
  return { messages, message: [...around(header), ...unique, ...around(footer)].join('\n') }
}

/** Replaces `\,` by a comma: that is how a comma is written in a policy's list of actions. */
export const unescapeCommas = (text: string): string => text.replaceAll('\\,', ',')

/** Fills a template in one pass, so that the value of a tag is never read as a template. */
function fill(template: string, value: (tag: string) => string, stray: (brace: string) => string): string {
  return template.replace(/\{\{|\}\}|\{([^{}]*)\}|[{}]|\\,/g, (found, tag: string | undefined) => {
    if (tag !== undefined) return value(tag)
    if (found === '{{' || found === '}}') return found.slice(1)
    return found === '\\,' ? ',' : stray(found)
  })
}

/** The value of a tag, in one line, without control characters and marks that turn the writing direction. */
function valueOf(tags: TextTags, tag: string): string | undefined {
  const known = TAGS.find((name) => name === tag)
  if (known === undefined) return undefined
  return (tags[known] ?? '').slice(0, LONGEST_VALUE).replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, ' ')
}
