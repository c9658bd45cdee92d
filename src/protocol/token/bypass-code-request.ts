import * as z from 'zod/mini'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { type Seconds, seconds } from '../../vocabulary.ts'
import { optional, parserOf, required } from '../parameters.ts'

const MAX_MINUTES = 10 * 24 * 60
const DEFAULT_MINUTES = 24 * 60

const bypassSchema = z.object({
  user: required('Login name, alone or as user@realm or realm\\user', 320),
  realm: optional('Realm of the user; without it the default realm', 255),
  reason: required('Why; it is kept in the audit', 200),
  validity_minutes: optional('How long the code is valid, in minutes, at most 14400 (10 days)', 8),
  validity_hours: optional('The same in hours, at most 240; 24 without either', 8),
})

export interface BypassCodeRequest {
  readonly user: string
  readonly realm?: string
  readonly reason: string
  readonly validFor: Seconds
}

/** Parses for whom to issue a code, why, and for how long. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseBypassCodeRequest = parserOf(bypassSchema, (fields): Outcome<BypassCodeRequest> => {
  const { realm, validity_minutes: minutes, validity_hours: hours } = fields
  const [user, reason] = [fields.user.trim(), fields.reason.trim()]
  if (user === '') return refuse({ reason: 'parameter_missing', name: 'user' })
  if (reason === '') return refuse({ reason: 'parameter_missing', name: 'reason' })
  if (minutes !== undefined && hours !== undefined)
    return refuse({ reason: 'parameter_invalid', name: 'validity_hours', why: 'there is validity_minutes already' })
  const validFor =
    hours === undefined ? minutesOf('validity_minutes', minutes, 1) : minutesOf('validity_hours', hours, 60)
  return validFor.ok ? done({ user, realm, reason, validFor: validFor.value }) : validFor
})

const idSchema = z.object({ id: required('Number of the code', 16) })

/** Parses the number of a code, as text. Refuses: `parameter_missing`, `parameter_invalid`. */
export const parseBypassCodeId = parserOf(idSchema, ({ id }) => done(id))

function minutesOf(name: string, text: string | undefined, unit: number): Outcome<Seconds> {
  const minutes = text === undefined ? DEFAULT_MINUTES : /^\d{1,6}$/.test(text) ? Number(text) * unit : 0
  if (minutes >= 1 && minutes <= MAX_MINUTES) return done(seconds(minutes * 60))
  return refuse({
    reason: 'parameter_invalid',
    name,
    why: `expected a whole number from 1 to ${MAX_MINUTES / unit}`,
  })
}

/** The number of a code; undefined for a text that cannot be one. */
export const bypassCodeIdOf = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined)
