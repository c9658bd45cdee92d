/** What people read: the question on the phone and the text at the login, with their tags filled in. Source: docs/protocol.md, "Tags"; golden 21-texts. */
import type { Language } from '../../vocabulary.ts'
import { DEFAULT_TEXTS } from './default-texts.ts'

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

/** What the tags stand for. One that is not given, or undefined, is filled with nothing. */
export type TextTags = { readonly [Tag in (typeof TAGS)[number]]?: string | undefined }

/** One challenge of a login: the texts policy gives it, what their tags stand for, and the option the user has to tap if there is one. */
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

/** Longer than any name, and too short to crowd the rest out of a message of 4 KB. */
const LONGEST_VALUE = 200

/** The question a phone shows, free of `|`. A text with a tag there is none of, or with broken braces, is the default question of
 *  the language: half a question could be taken for another. `{{` is a brace, `\,` a comma. */
export function mobileText(template: string, tags: TextTags, language: Language): string {
  let sound = true
  const flaw = (): string => {
    sound = false
    return ''
  }
  // `|` separates the parts that are signed; a name or a User-Agent must not be able to add one.
  const text = fill(template, (tag) => valueOf(tags, tag)?.replaceAll('|', '¦') ?? flaw(), flaw)
  return sound ? text.replaceAll('|', '¦') : DEFAULT_TEXTS[language].question
}

/** The text a login page shows: a tag there is none of is filled with nothing, a lone brace stays. `{{` is a brace, `\,` a comma. */
export function loginText(template: string, tags: TextTags & { readonly presence_answer?: string }): string {
  const value = (tag: string): string => (tag === 'presence_answer' ? tags.presence_answer : valueOf(tags, tag)) ?? ''
  return fill(template, value, (brace) => brace)
}

/** What a login page shows of all its challenges: a text for each, and one for all, with header and footer where there are any:
 *  those are about no type of token, so the first challenge has what all have.
 *  The option to tap is named in every text, after it unless the template says where. Source: docs/protocol.md, "Challenge answer", golden 21-texts. */
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

/** `\,` as a comma: how a comma survives in a policy's list of actions. */
export const unescapeCommas = (text: string): string => text.replaceAll('\\,', ',')

/** What is wrong with a text for the phone, or for what stands above and below all challenges, naming the tag; undefined if
 *  nothing is. */
export const textFault = (template: string): string | undefined => templateFault(template, TAGS)

/** The same of a challenge's text at the login, which may say where the option to tap stands. */
export const challengeTextFault = (template: string): string | undefined =>
  templateFault(template, [...TAGS, 'presence_answer'])

/** privacyIDEA also takes conversions and formats (`{user!r}`, `{serial:>20}`). Names the first fault. */
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

/** One pass from left to right, so that what a tag stands for is never read as a template itself. */
function fill(template: string, value: (tag: string) => string, stray: (brace: string, at: number) => string): string {
  return template.replace(/\{\{|\}\}|\{([^{}]*)\}|[{}]|\\,/g, (found, tag: string | undefined, at: number) => {
    if (tag !== undefined) return value(tag)
    if (found === '{{' || found === '}}') return found.slice(1)
    return found === '\\,' ? ',' : stray(found, at)
  })
}

/** What a tag stands for, in one line: no control characters, and none that turn the direction of what follows. */
function valueOf(tags: TextTags, tag: string): string | undefined {
  const known = TAGS.find((name) => name === tag)
  if (known === undefined) return undefined
  return (tags[known] ?? '').slice(0, LONGEST_VALUE).replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, ' ')
}
