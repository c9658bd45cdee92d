/** Where a policy has another effect on a login than with privacyIDEA, on purpose. */
import { ABSENT, type Divergence, type Expected, Containing } from '../replay/divergence.ts'
import { at } from '../replay/divergence-builders.ts'

const OF_A_CHALLENGE =
  'attributes client_mode messages multi_challenge preferred_client_mode serial transaction_id transaction_ids type'
const noChallenge = Object.fromEntries(OF_A_CHALLENGE.split(' ').map((name) => [`json.detail.${name}`, ABSENT]))

const refusedPolicy = /answers 400: ERR905: .*Nod keeps no passwords of a directory/
const rejected: Readonly<Record<string, Expected>> = {
  ...noChallenge,
  'json.result.authentication': 'REJECT',
  'json.detail.message': 'wrong otp pin',
}

export const POLICIES: readonly Divergence[] = [
  {
    id: 'no passwords from a directory',
    rows: ['users |'],
    reason:
      'otppin=userstore and passthru are refused when they are written, so they have no effect on logins (docs/protocol.md, "General actions")',
    applications: [
      at('05-check-pin-policies', ['userstore: right password'], {
        ...rejected,
        setup: refusedPolicy,
        'fcm[0]': ABSENT,
      }),
      at('05-check-pin-policies', ['userstore by serial'], rejected),
      at('05-check-pin-policies', ['userstore: token pin'], {
        'json.result.authentication': 'CHALLENGE',
        'json.detail.attributes': { hideResponseInput: true },
        'json.detail.client_mode': 'poll',
        'json.detail.message': 'Please confirm the authentication on your mobile device!',
        'json.detail.messages': ['Please confirm the authentication on your mobile device!'],
        'json.detail.multi_challenge': new Containing({ 0: new Containing({ serial: 'PIPU00000511' }) }),
        'json.detail.preferred_client_mode': 'poll',
        'json.detail.serial': 'PIPU00000511',
        'json.detail.transaction_id': /^\d{20}$/,
        'json.detail.transaction_ids': new Containing({ 0: /^\d{20}$/ }),
        'json.detail.type': 'push',
      }),
      { ...at('05-check-pin-policies', ['userstore by serial'], { 'fcm[0]': ABSENT }), mayBeAlike: true },
      { ...at('05-check-pin-policies', ['userstore: token pin'], { 'fcm[0]': new Containing({}) }), mayBeAlike: true },
      at('05-check-pin-policies', ['passthru, user without token, right password'], {
        setup: refusedPolicy,
        'json.detail.message': 'The user has no tokens assigned',
        'json.result.authentication': 'REJECT',
        'json.result.value': false,
      }),
    ],
  },
  {
    id: 'a user without secrets',
    rows: ['`add_user_in_response` |'],
    reason: 'add_user_in_response contained the hash of the password; the user id is the login',
    applications: [
      at('24-check-shapes', ['accepted, user in response'], {
        'json.detail.user.cryptpass': ABSENT,
        'json.detail.user.password': ABSENT,
        'json.detail.user.description': ABSENT,
        'json.detail.user.userid': 'alice',
      }),
    ],
  },
  {
    id: 'a challenge keeps its detail',
    rows: ['`no_detail_on_fail` |'],
    reason:
      'without the transaction id, which no_detail_on_fail removed, the login cannot go on (docs/protocol.md, "General actions")',
    applications: [
      at('24-check-shapes', ['no_detail: challenge'], {
        'json.detail': new Containing({ transaction_id: /^\d{20}$/, serial: 'PIPU00002401', type: 'push' }),
      }),
    ],
  },
]
