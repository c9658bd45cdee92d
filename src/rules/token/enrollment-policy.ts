/** What the policies make of an enrollment. */
import { present } from '../../present.ts'
import { done, refuse, type Outcome } from '../../refusal.ts'
import { POLL_ONLY, type TokenType } from '../../vocabulary.ts'
import { BRANDS, actionNameFor, appValues } from '../policy/actions/apps.ts'
import { hasActivePolicy, type PolicySet, type Situation } from '../policy/policy-set.ts'

export interface EnrollmentPolicy {
  /** `POLL_ONLY`, or the name of a Firebase configuration; fixed for the token's life. */
  readonly firebase: string
  readonly registrationUrl: string
  readonly ttlMinutes: number
  readonly issuer: string
  readonly label: string
  readonly image?: string
  readonly sslVerify: boolean
  readonly scheme: 'otpauth' | 'pia'
  /** Whether the app has to be locked, and how it is to be unlocked. */
  readonly pinLock: boolean
  readonly forceUnlock?: string
}

/** What the enrolling request asks for; a policy on the same subject wins. */
interface EnrollmentWishes {
  readonly type: TokenType
  readonly label?: string
  readonly issuer?: string
  readonly image?: string
}

/** What holds while there is no enrollment policy, and which Firebase configurations there are. */
interface EnrollmentDefaults {
  readonly registrationUrl: string
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

const ACTIONS = [
  'push_firebase_configuration',
  'push_registration_url',
  'push_ttl',
  'push_ssl_verify',
  'push_use_pia_scheme',
  'push_force_app_pin',
  'push_app_force_unlock',
  'tokenlabel',
  'tokenissuer',
  'appimageurl',
] as const

/** Everything the enrollment URI and the token's row need. Without any active enrollment policy the defaults hold;
 *  with one, delivery and URL have to be said by a policy that matches.
 *  Refuses: `enrollment_policy_missing`, `firebase_unknown`, `policy_conflict`. Source: docs/protocol.md, "Token init", "Enrollment URI" and "Label and issuer", golden 02-enroll-uri-variants. */
export function enrollmentPolicy(
  set: PolicySet,
  situation: Situation,
  asked: EnrollmentWishes,
  defaults: EnrollmentDefaults,
  tags: LabelTags,
): Outcome<EnrollmentPolicy> {
  const found = appValues(set, 'enrollment', ACTIONS, asked.type, situation)
  if (!found.ok) return found
  const policy = found.value
  const open = !hasActivePolicy(set, 'enrollment')

  const firebase = text(policy.push_firebase_configuration) ?? (open ? defaults.firebase : undefined)
  if (firebase === undefined) return missing(actionNameFor(asked.type, 'push_firebase_configuration'))
  const registrationUrl = text(policy.push_registration_url) ?? (open ? defaults.registrationUrl : undefined)
  if (registrationUrl === undefined) return missing(actionNameFor(asked.type, 'push_registration_url'))
  if (firebase !== POLL_ONLY && !defaults.knownFirebase(firebase)) return refuse({ reason: 'firebase_unknown' })

  const image = text(policy.appimageurl) ?? asked.image
  const pinLock = policy.push_force_app_pin === true
  // A lock alone means the app's PIN; a policy that names the way to unlock is more exact and is kept.
  const forceUnlock = text(policy.push_app_force_unlock) ?? (pinLock ? 'pin' : undefined)
  return done({
    firebase,
    registrationUrl,
    ttlMinutes: Number(text(policy.push_ttl) ?? 10),
    issuer: fill(text(policy.tokenissuer) ?? asked.issuer ?? BRANDS[asked.type], tags),
    label: fill(old(text(policy.tokenlabel) ?? asked.label ?? '{serial}'), tags),
    ...present({ image }),
    sslVerify: policy.push_ssl_verify !== '0',
    scheme: policy.push_use_pia_scheme === true ? 'pia' : 'otpauth',
    pinLock,
    ...present({ forceUnlock }),
  })
}

const missing = (action: string): Outcome<never> => refuse({ reason: 'enrollment_policy_missing', action })
const text = (value: string | true | undefined): string | undefined => (value === true ? undefined : value)

/** The tags of a label that privacyIDEA had before braces. */
const old = (template: string): string =>
  template.replaceAll('<s>', '{serial}').replaceAll('<u>', '{user}').replaceAll('<r>', '{realm}')

/** The template with its tags filled in; one there is none of stays as it is, where privacyIDEA fails. */
function fill(template: string, tags: LabelTags): string {
  return template.replace(/\{(serial|user|realm|givenname|surname)\}/g, (_, tag: keyof LabelTags) => tags[tag])
}
