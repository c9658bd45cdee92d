/** The texts that users read, on the phone and at the login, with their tags filled in. Source: docs/protocol.md, "Tags";
 *  golden 21-texts. */
import type { Language } from '../../vocabulary.ts'
import { DEFAULT_TEXTS } from './default-texts.ts'

/** The tags that policies may use. `user` is the given name; `realm` that of the acting administrator, `userrealm` that
 *  of the owner. */
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

/** The values of the tags; a missing one is empty. */
export type TextTags = { readonly [Tag in (typeof TAGS)[number]]?: string | undefined }

/** A challenge of a login: the texts of its policy, the values of its tags, and the option to tap, if there is one. */
export interface ChallengeFacts {
  readonly settings: {
    readonly language: Language
    readonly challengeText: string
    readonly header?: string
    readonly footer?: string
  }
  readonly tags: TextTags
  readonly presenceAnswer?: string
}

/** Longer than any name, and short enough for a push message of 4 KB. */
const LONGEST_VALUE = 200

/** Fills in the question that a phone shows; the result has no `|`. A template with an unknown tag or an unpaired brace
 *  gives the default question of the language, because half a question could be taken for another. `{{` is a brace, `\,`
 *  a comma. */
export function mobileText(template: string, tags: TextTags, language: Language): string {
  let sound = true
  const flaw = (): string => {
    sound = false
    return ''
  }
  // `|` separates the signed parts: a name or a User-Agent must not be able to add one.
  const text = fill(template, (tag) => valueOf(tags, tag)?.replaceAll('|', '¦') ?? flaw(), flaw)
  return sound ? text.replaceAll('|', '¦') : DEFAULT_TEXTS[language].question
}

/** Fills in the text that a login page shows. An unknown tag is empty, and an unpaired brace stays. `{{` is a brace, `\,`
 *  a comma. */
export function loginText(template: string, tags: TextTags & { readonly presence_answer?: string }): string {
  const value = (tag: string): string => (tag === 'presence_answer' ? tags.presence_answer : valueOf(tags, tag)) ?? ''
  return fill(template, value, (brace) => brace)
}

/** Composes the texts of a login page: one for each challenge, and one for all, with header and footer if there are any.
 *  These belong to no type of token, so those of the first challenge are those of all. The option to tap is added to
 *  every text that does not name it.
 *  Source: docs/protocol.md, "Challenge answer"; golden 21-texts. */
export function challengeMessage(challenges: readonly ChallengeFacts[]): {
  readonly messages: readonly string[]
  readonly message: string
} {
  const messages = challenges.map(({ settings: { challengeText, language }, tags, presenceAnswer }) => {
    if (presenceAnswer === undefined) return loginText(challengeText, tags)
    const text = loginText(challengeText, { ...tags, presence_answer: presenceAnswer })
    return /(?<!\{)\{presence_answer\}/.test(challengeText)
      ? text
      : text + DEFAULT_TEXTS[language].press(presenceAnswer)
  })
  const unique = [...new Set(messages)]
  const { header, footer } = challenges[0]?.settings ?? {}
  if (header === undefined && footer === undefined) return { messages, message: unique.join(', ') }
  const around = (text: string | undefined): readonly string[] =>
    text === undefined ? [] : [loginText(text, challenges[0]?.tags ?? {})]
  return { messages, message: [...around(header), ...unique, ...around(footer)].join('\n') }
}

/** Replaces `\,` by a comma, which a list of actions cannot hold otherwise. */
export const unescapeCommas = (text: string): string => text.replaceAll('\\,', ',')

/** Describes the first fault of a text for the phone, or of the text above or below all challenges; undefined if it has
 *  none. */
export const textFault = (template: string): string | undefined => templateFault(template, TAGS)

/** Describes the first fault of a challenge's text at the login, which may name the option to tap. */
export const challengeTextFault = (template: string): string | undefined =>
  templateFault(template, [...TAGS, 'presence_answer'])

/** Describes the first fault of a template. privacyIDEA also has conversions and formats (`{user!r}`, `{serial:>20}`),
 *  Nod has not. */
function templateFault(template: string, tags: readonly string[]): string | undefined {
  const faults: string[] = []
  const unknown = (tag: string): string => {
    const name = tags.find((known) => tag.startsWith(known) && /^[!:.[]/.test(tag.slice(known.length)))
    if (name !== undefined)
      faults.push(`{${tag}} changes what its tag stands for, which Nod does not do; write {${name}}`)
    else if (!tags.includes(tag)) faults.push(`there is no tag {${tag}} in this text`)
    return ''
  }
  fill(template, unknown, (brace, at) => {
    const excerpt =
      brace === '{' ? template.slice(at, at + EXCERPT) : template.slice(Math.max(0, at + 1 - EXCERPT), at + 1)
    faults.push(`'${excerpt}' has a brace without the other; a brace itself is written '${brace}${brace}'`)
    return ''
  })
  return faults[0]
}
const EXCERPT = 20

/** Fills in a template in one pass from left to right, so that the value of a tag is never read as a template. */
function fill(template: string, value: (tag: string) => string, stray: (brace: string, at: number) => string): string {
  return template.replace(/\{\{|\}\}|\{([^{}]*)\}|[{}]|\\,/g, (found, tag: string | undefined, at: number) => {
    if (tag !== undefined) return value(tag)
    if (found === '{{' || found === '}}') return found.slice(1)
    return found === '\\,' ? ',' : stray(found, at)
  })
}

/** The value of a tag in one line, without control characters and without those that change the direction of text. */
function valueOf(tags: TextTags, tag: string): string | undefined {
  const known = TAGS.find((name) => name === tag)
  if (known === undefined) return undefined
  return (tags[known] ?? '').slice(0, LONGEST_VALUE).replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, ' ')
}
