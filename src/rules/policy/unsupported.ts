/** Why Nod does not support a scope or an action that privacyIDEA has. The reason is in the refusal when a policy is written, in
 *  the report of an import, and in docs/policies.md. */

/** Scopes that Nod does not have. */
const SCOPES: Readonly<Record<string, string>> = {
  container: 'Nod has no containers',
  register: 'users do not register themselves',
  conditional_access: 'Nod has no conditional access',
}

const OTHER_TYPES =
  '4eyes applspec certificate daplug daypassword email hotp indexedsecret motp ocra paper passkey pw question radius ' +
  'registration remote(?!_user) sms(?!gateway) spass sshkey tan tiqr totp vasco webauthn yubico yubikey'

const NO_DIRECTORY = 'Nod keeps no passwords of a directory'

/** The first expression that matches the action has its reason. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^(?:passthru|passthru_.*|password_reset)$/, NO_DIRECTORY],
  [/^(?:setrealm|mangle)$/, 'what a caller names is taken as it is named'],
  [/^(?:client_mode_per_user|resync.*|auth_cache|losttoken_.*|autoassignment)$/, 'push needs none of it'],
  [/^require_description_on_edit$/, 'a description is asked for when a token is enrolled'],
  [/container/, 'Nod has no containers'],
  [/offline/, 'Nod has no offline tokens'],
  [/_template$/, 'Nod has no templates'],
  [/^(?:change_pin_.*|pinhandling)$/, 'a PIN stays as it was set'],
  [/^verify_enrollment$/, 'a phone that registers has shown that it works'],
  [/_ignore_rollout_state$/, 'a token that no phone has registered counts as none'],
  [/resolver_details$/, 'there is one resolver'],
  [/^enroll(?!(?:EDU)?PUSH)(?:[A-Z]|4EYES)/, 'Nod enrolls push tokens'],
  [
    new RegExp(`^(?:${OTHER_TYPES.replaceAll(' ', '|')})(?:token)?[_.a-z]`),
    'it is about a type of token that Nod does not have',
  ],
  [/^remember(?:ed)?_device/, 'every login is confirmed on a phone'],
]

/** For the other actions of a scope. */
const IN_SCOPE: Readonly<Record<string, string>> = {
  webui: "the console is Nod's own",
  admin: 'Nod has nothing of the kind to allow',
  user: 'Nod has nothing of the kind to allow',
}

/** Why Nod does not have the scope; undefined for a scope that privacyIDEA does not have either. */
export const unsupportedScopeReason = (scope: string): string | undefined => own(SCOPES, scope)

/** Why Nod does not have the action; undefined where there is no particular reason. */
export const unsupportedActionReason = (action: string): string | undefined =>
  REASONS.find(([form]) => form.test(action))?.[1]

/** Why Nod has no further actions in the scope; undefined where there is no particular reason. */
export const unsupportedInScopeReason = (scope: string): string | undefined => own(IN_SCOPE, scope)

const own = (table: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined
