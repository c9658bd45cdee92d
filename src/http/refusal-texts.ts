/** Sentences of privacyIDEA's that depend on what they are about. */
import type { Refusal } from '../refusal.ts'
import type { Seconds } from '../vocabulary.ts'

const two = (number: number): string => String(number).padStart(2, '0')

/** As Python prints a span of time: `0:05:00`, `1 day, 0:00:00`. */
export function pythonTimedelta(span: Seconds): string {
  const days = Math.floor(span / 86_400)
  const clock = `${Math.floor((span % 86_400) / 3600)}:${two(Math.floor((span % 3600) / 60))}:${two(span % 60)}`
  return days === 0 ? clock : `${days} day${days === 1 ? '' : 's'}, ${clock}`
}

/** Source: golden 02-enroll-limits. */
export function tooManyTokensText({ of, type, activeOnly }: Refusal & { readonly reason: 'too_many_tokens' }): string {
  const tokens = `${activeOnly ? 'active ' : ''}tokens${type === undefined ? '' : ` of type ${type}`}`
  return `The number of ${tokens} ${of === 'realm' ? 'in this realm' : 'for this user'} is limited!`
}

export function missingRightText(scope: 'admin' | 'user', right: string): string {
  const defined = scope === 'admin' ? 'Admin actions are defined, but' : 'User actions are defined,'
  if (/^enroll[A-Z]/.test(right)) return `${defined} you are not allowed to enroll this token type!`
  return `${scope === 'admin' ? defined : `${defined} but`} the action ${right} is not allowed!`
}
