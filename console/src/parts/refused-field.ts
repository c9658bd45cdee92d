/** Where a refusal is shown. */
import type { Failure } from '../../../client/src/index.ts'

/** Sentences of privacyIDEA's that name no parameter, and the fields that they may be about. Where none is on the form, the sentence
 *  stands above the buttons. */
const SENTENCES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^The name .* is taken|^Policy already exists/, ['name', 'login']],
  [/^User <.*> does not exist|^The user can not be found/, ['user', 'username']],
  [/^The realm .* does not exist|^Unknown realm/, ['realm']],
  [/\bPIN\b/, ['pin', 'otppin']],
  [/^Description required/, ['description']],
  [/^(?:No token found|No suitable token|The requested token|Invalid serial)/, ['serial']],
]

const CODE = /^ERR-?\d+: /

/** The field of a form that a failure is about. */
export function refusedField(failure: Failure | undefined, fields: ReadonlySet<string>): string | undefined {
  if (failure?.kind !== 'refused') return undefined
  if (failure.field !== undefined) return fields.has(failure.field) ? failure.field : undefined
  const sentence = sentenceOf(failure.message)
  return SENTENCES.find(([pattern]) => pattern.test(sentence))?.[1].find((field) => fields.has(field))
}

/** What Nod says, without its code. */
export const sentenceOf = (message: string): string => message.replace(CODE, '')

/** The same beside the field, which needs no name there. */
export function besideField(message: string): string {
  const sentence = sentenceOf(message).replace(/^Invalid parameter [\w.-]+: /, '')
  return sentence.charAt(0).toUpperCase() + sentence.slice(1)
}
