/** What the policies set for a new token. */
import { done, refuse, type Outcome } from '../../refusal.ts'
import { POLL_ONLY, type TokenType } from '../../vocabulary.ts'
import { firebaseSecret } from '../../vocabulary/firebase.ts'
import { actionNameFor } from '../policy/actions/apps.ts'
import { ENROLLMENT_ACTIONS } from '../policy/actions/enrollment.ts'
import { isActionUsed, type PolicySet, type Situation } from '../policy/policy-set.ts'
import { readActions } from '../policy/read-actions.ts'

export interface EnrollmentPolicy {
  /** `POLL_ONLY`, or the name of a Firebase configuration; fixed for the token's life. */
  readonly firebase: string
  readonly registrationUrl: string
  readonly ttlMinutes: number
  readonly issuer: string
  readonly label: string
  readonly image?: string | undefined
  readonly sslVerify: boolean
  readonly scheme: 'otpauth' | 'pia'
  /** Whether the app has to be locked. */
  readonly pinLock: boolean
  /** How the app has to be unlocked. */
  readonly forceUnlock?: string | undefined
}

/** What the enrolling request asks for. A policy that sets the same takes precedence. */
interface EnrollmentWishes {
  readonly type: TokenType
  readonly label?: string | undefined
  readonly issuer?: string | undefined
  readonly image?: string | undefined
}

/** What applies while no policy says otherwise, and which Firebase configurations there are. */
interface EnrollmentDefaults {
  /** Undefined where the address of Nod is not known. */
  readonly registrationUrl: string | undefined
  readonly firebase: string
  readonly knownFirebase: (id: string) => boolean
}

interface LabelTags {
  readonly serial: string
  readonly user: string
  readonly realm: string
  readonly givenname: string
  readonly surname: string
}

/** Reads everything the enrollment URI and the token's row need. The Firebase configuration and the URL each
 *  have a default, which applies unless an active policy sets that action for anybody; then a matching policy has to set it.
 *  Refuses: `policy_conflict`, `condition_unknown`, `enrollment_policy_missing`, `public_url_missing`, `firebase_unknown`.
 *  Source: docs/protocol.md, "Token init"; docs/protocol.md, "Enrollment URI"; golden 02-enroll-uri-variants. */
export function enrollmentPolicy(
  set: PolicySet,
  situation: Situation,
  wishes: EnrollmentWishes,
  defaults: EnrollmentDefaults,
  tags: LabelTags,
): Outcome<EnrollmentPolicy> {
  const { type, label, issuer, image } = wishes
  // An administrator who names an action for some means to decide it: the others get no default behind their back.
  const isOpen = (action: string): boolean => !isActionUsed(set, ENROLLMENT_ACTIONS.scope, actionNameFor(type, action))
  const fallback = {
    push_firebase_configuration: isOpen('push_firebase_configuration') ? defaults.firebase : undefined,
    push_registration_url: isOpen('push_registration_url') ? defaults.registrationUrl : undefined,
    tokenlabel: label,
    tokenissuer: issuer,
    appimageurl: image,
  }
  const found = readActions(set, ENROLLMENT_ACTIONS, situation, { app: type, fallback })
  if (!found.ok) return found
  const policy = found.value
  const { push_firebase_configuration: firebase, push_registration_url: registrationUrl } = policy
  if (firebase === undefined) return missing(actionNameFor(type, 'push_firebase_configuration'))
  if (registrationUrl === undefined)
    return isOpen('push_registration_url')
      ? refuse({ reason: 'public_url_missing' })
      : missing(actionNameFor(type, 'push_registration_url'))
  if (firebase !== POLL_ONLY && !defaults.knownFirebase(firebase))
    return refuse({ reason: 'firebase_unknown', secret: firebaseSecret(firebase) })

  const pinLock = policy.push_force_app_pin
  // A lock alone means the app's PIN. A policy that names the way to unlock is more exact and takes precedence.
  const forceUnlock = policy.push_app_force_unlock ?? (pinLock ? 'pin' : undefined)
  return done({
    firebase,
    registrationUrl,
    ttlMinutes: policy.push_ttl,
    issuer: fillTags(policy.tokenissuer, tags),
    label: fillTags(withBraces(policy.tokenlabel), tags),
    image: policy.appimageurl,
    sslVerify: policy.push_ssl_verify !== '0',
    scheme: policy.push_use_pia_scheme ? 'pia' : 'otpauth',
    pinLock,
    forceUnlock,
  })
}

const missing = (action: string): Outcome<never> => refuse({ reason: 'enrollment_policy_missing', action })

/** The template with `{serial}` in place of `<s>`, which privacyIDEA wrote before it had braces. */
const withBraces = (template: string): string =>
  template.replaceAll('<s>', '{serial}').replaceAll('<u>', '{user}').replaceAll('<r>', '{realm}')

/** The template with its tags filled in. An unknown tag stays as it is; privacyIDEA fails on one. */
function fillTags(template: string, tags: LabelTags): string {
  return template.replace(/\{(serial|user|realm|givenname|surname)\}/g, (_, tag: keyof LabelTags) => tags[tag])
}
