/** Every refusal with its form on the wire and what to do about it. */
import { wireForm } from '../../src/http/respond.ts'
import type { WireForm } from '../../src/http/wire-form.ts'
import type { RefusalExplanation } from '../../src/protocol/login/explained-refusals.ts'
import { REFUSAL_TEXTS } from '../../src/protocol/login/refusal-explanations.ts'
import type { Refusal } from '../../src/refusal.ts'
import { instant, seconds } from '../../src/vocabulary.ts'

type Reason = Refusal['reason']
type Explained = Extract<RefusalExplanation, `refused/${string}`> extends `refused/${infer Name}` ? Name : never
/** Refusals between the parts of Nod, which no caller gets. */
type Internal = 'stale' | 'shard_full' | 'id_taken' | 'served_upstream'

/** What to do about the refusals that `REFUSAL_TEXTS` has no advice for. A new reason does not compile until it has some. */
const ADVICE: Readonly<Record<Exclude<Reason, Explained | Internal>, string>> = {
  parameter_missing: 'Send the parameter.',
  parameters_missing: 'Send the parameters of one of the four requests that a phone makes.',
  parameter_invalid: 'Send a value as the table of the operation says.',
  parameter_not_integer: 'Send a whole number.',
  parameter_unknown: 'Check the spelling; the table of the operation has every name.',
  body_unreadable: 'Send a form or a JSON object, with the matching Content-Type.',
  body_too_large: 'Send at most 64 KiB; a policy file may have 512 KiB.',
  owner_or_serial_missing: 'Send `user` (and `realm`) or `serial`.',
  genkey_missing: 'Send `genkey=1` to enroll, or what the phone registers with.',
  serial_malformed: 'Use letters, digits, `-` and `_`.',
  path_unknown: 'Check the path.',
  method_not_allowed: 'Use a method of the header `Allow`.',
  token_type_unknown: 'Use `push` or `edupush`.',
  endpoint_type_unknown: 'Use `/ttype/push` or `/ttype/edupush`.',
  credentials_wrong: 'Check login name and password. It is never said which of them is wrong.',
  sign_in_paused: 'Wait for `Retry-After`: too many passwords were wrong.',
  sign_in_disabled: 'Have another administrator enable the account.',
  username_missing: 'Send `username`.',
  sign_in_realm_unknown: 'Sign in as an administrator without a realm, or name a realm that exists.',
  token_revoked: 'A revoked token stays so: enroll a new one.',
  token_assigned: 'Unassign the token first.',
  serial_of_another_owner: 'Name the owner of the token, or the serial alone.',
  period_unparsable: 'Send an ISO 8601 time, such as `2026-11-29T08:00+01:00`.',
  entry_unknown: 'List what there is, and check the name.',
  receipt_unavailable: 'Fetch the receipt within ten minutes after the login has ended.',
  policy_unknown: 'List the policies, and check the name.',
  policy_name_taken: 'Choose another name.',
  name_taken: 'Choose another name, or delete the one that has it.',
  kept_as_secret: 'Set the secret of the deployment, as `npx wrangler secret put` does.',
  realm_in_use: 'Delete the tokens and users of the realm first.',
  no_directory: 'Nod keeps users itself: there is nothing to configure.',
  signing_key_in_use: 'Rotate the key, and enroll again the tokens that have it.',
  too_many_tokens: 'Delete a token of the user, or raise the limit that policy sets.',
  description_missing: 'Send `description`: policy requires one.',
  pin_invalid: 'Choose a PIN as policy requires.',
  enrollment_policy_missing: 'Set the action that the message names in a policy of the scope enrollment.',
  public_url_missing: 'Set `PUBLIC_URL`.',
  firebase_unknown: 'Set the secret that the message names to the key of a service account, or use `poll only`.',
  token_in_clientwait: 'Let the phone scan the QR code first.',
  token_type_differs: 'Enroll it with its own type, or under another serial.',
  not_in_clientwait: 'A token is registered once: enroll it again for another phone.',
  credential_invalid: 'The QR code is used or out of date: show a new one.',
  phone_key_invalid: 'The app sends a key that Nod cannot use: update the app.',
  policy_changed: 'Read the policy again: somebody else has changed it. Then change what is there now.',
  policy_invalid: 'Correct what the message names; nothing was written.',
  import_invalid: 'Correct what the message names, or import with `skip=1` and read what was left out.',
  polling_denied: 'Policy forbids this phone to poll.',
  signature_invalid: 'The serial is not known, or the phone has another key: enroll it again.',
  timestamp_unparsable: 'Send an ISO 8601 time.',
  timestamp_out_of_range: 'Set the clock of the phone.',
  answer_unacceptable: 'Send either a decline or an option, not both.',
  rotation_refused: 'Do what the message says, and begin again.',
  master_key_mismatch: 'Set the master key that the database was sealed with. `GET /healthz` says more.',
  jurisdiction_mismatch: 'Set `JURISDICTION` to what it was. `GET /healthz` says more.',
  archive_unavailable: 'Check the bucket of the audit’s archive; nothing is deleted meanwhile.',
  upstream_unavailable: 'Check the server that `UPSTREAM_URL` names: `npm run nod -- doctor` asks it.',
  pin_check_unavailable: 'Check who checks PINs and passwords: `npm run nod -- doctor` asks them.',
  too_many_to_search: 'Name a realm, or how the name or serial begins.',
  audit_incomplete: 'Ask again in a second.',
}

/** Fields of refusals, for the messages that name them. */
const FIELDS = {
  name: '<name>',
  why: '<why>',
  realm: '<realm>',
  allowed: ['GET', 'POST'],
  type: '<type>',
  requested: '<type>',
  serial: '<serial>',
  retryAfter: seconds(30),
  needed: ['admin'],
  scope: 'admin',
  right: '<right>',
  user: '<user>',
  owner: { login: '<user>', realm: '<realm>' },
  bound: 'start',
  entry: '<entry>',
  request: 'delete',
  secret: '<secret>',
  key: '<key>',
  isCurrent: true,
  per: 'owner',
  activeOnly: false,
  action: '<action>',
  values: ['<policy>'],
  policy: '<policy>',
  about: '<what>',
  faults: ['<policy>: <why>'],
  profile: '<policy>',
  shortcoming: '<why>',
  passing: '<policy>',
  enrolling: '<policy>',
  text: '<text>',
  items: 'tokens',
  most: 5000,
  shards: ['<shard>'],
  outcome: 'failed',
  window: seconds(300),
  since: instant(Date.UTC(2026, 10, 29)),
  tokens: [],
} as const

interface ExplainedRefusal {
  readonly reason: string
  readonly form: WireForm
  readonly advice: string
}

const rank = ({ form }: ExplainedRefusal): number => (form.kind === 'error' ? form.status * 100_000 + form.code : 0)

/** Every refusal that a caller can get, in the order of their statuses and codes. */
export const REFUSALS: readonly ExplainedRefusal[] = [
  ...Object.entries(ADVICE).map(([reason, advice]) => refusalOf(reason, advice)),
  ...Object.entries(REFUSAL_TEXTS).flatMap(
    ([
      name,
      {
        en: [, advice = ''],
      },
    ]) => (name === 'refused' ? [] : [refusalOf(name.slice('refused/'.length), advice)]),
  ),
].toSorted((one, other) => rank(one) - rank(other))

function refusalOf(reason: string, advice: string): ExplainedRefusal {
  // Each message takes the fields of its own refusal.
  const why = reason === 'receipt_unavailable' ? 'over' : FIELDS.why
  const form = wireForm({ ...FIELDS, why, reason } as unknown as Refusal)
  return { reason, form, advice }
}
