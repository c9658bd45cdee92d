import type { Rejection } from '../refusal.ts'
import { pythonTimedelta } from './refusal-texts.ts'
import type { WireForm } from './wire-form.ts'
import { rejectedLogin } from './wire-form.ts'

/** Maps the refusal of a rejected login to its message, in privacyIDEA's words. */
export function rejectionForm(refusal: Rejection): WireForm {
  switch (refusal.reason) {
    case 'pin_wrong':
    case 'transaction_unknown':
      return rejectedLogin('wrong otp pin')
    case 'owner_has_no_tokens':
      return rejectedLogin('The user has no tokens assigned')
    case 'no_suitable_token':
      return rejectedLogin('No suitable token found for authentication.')
    case 'attempts_exceeded':
      return rejectedLogin('Failcounter exceeded')
    case 'uses_exceeded':
      return rejectedLogin('Authentication counter exceeded')
    case 'outside_validity':
      return rejectedLogin('Outside validity period')
    case 'logins_limited':
      return rejectedLogin(
        `Only ${refusal.most} ${refusal.which} authentications per ${pythonTimedelta(refusal.within)} allowed.`,
      )
    // privacyIDEA's message, spelling mistake included.
    case 'unused_too_long':
      return rejectedLogin(
        `The last successful authentication was ${new Date(refusal.since).toISOString()}. It is to long ago.`,
      )
    case 'not_accepted': {
      const [token] = refusal.tokens
      return refusal.tokens.length > 1
        ? rejectedLogin(`Response did not match for ${refusal.tokens.length} tokens.`)
        : rejectedLogin('Response did not match the challenge.', token)
    }
    case 'declined':
    case 'unanswered':
      return rejectedLogin('wrong otp value', refusal.token)
    case 'enrollment_not_cancelled':
      return rejectedLogin('Failed to cancel enrollment via multichallenge')
  }
}
