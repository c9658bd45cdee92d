import { ADMINISTRATION } from './divergences/administration.ts'
import { AUDIT } from './divergences/audit.ts'
import { POLICIES } from './divergences/policies.ts'
import { ENDPOINTS } from './divergences/endpoints.ts'
import { RELEASE } from './divergences/release-3.14.ts'
import { ABSENT, type Divergence, Containing } from './replay/divergence.ts'
import {
  absent,
  at,
  OTHER_TOKEN_TYPES,
  enrollmentSuccess,
  error,
  errorInsteadOfSuccess,
  everywhere,
  methodRefused,
  successInsteadOfError,
} from './replay/divergence-builders.ts'

/** Every difference between Nod's answers and the recorded ones, with its reason. A difference without an entry fails the
 *  replay, and so does an entry without a difference. */

/** Types of tokens an administrator may enroll. */
const RIGHTS = { ...absent(OTHER_TOKEN_TYPES), 'json.result.value.push': 'Push: confirm a login on the phone.' }

const NONCE = /^[A-Z2-7]{64}$/

export const DIVERGENCES: readonly Divergence[] = [
  ...AUDIT,
  ...ENDPOINTS,
  ...POLICIES,
  {
    id: 'attributes in one place',
    rows: ['`attributes` |'],
    reason:
      'php-client declares it a string in the entries and crashes on the object (docs/protocol.md, "Challenge answer")',
    applications: [everywhere({ 'json.detail.multi_challenge[*].attributes': ABSENT })],
  },
  {
    id: 'a nonce contains its transaction id',
    rows: ['nonce |'],
    reason: 'base32 of 40 bytes: id and commitment to the context of the login (docs/protocol.md, "Identifiers")',
    applications: [everywhere({ 'fcm[*].body.message.data.nonce': NONCE, 'json.result.value[*].nonce': NONCE })],
  },
  {
    id: 'no user directory',
    rows: ['users |', '`POST /token/assign` to an unknown user |'],
    reason:
      'a user is what tokens and POST /user/ name; Nod is the only resolver (docs/protocol.md, "Users, realms, resolvers": types are its own)',
    applications: [
      everywhere({
        'json.result.value.tokens[*].resolver': 'nod',
        'json.result.value.tokens[*].user_id': /^(alice|bob|carol|dave|erin)$/,
        'json.result.value.tokens[*].user_editable': true,
      }),
      at('02-enroll-step1', ['init unknown user'], enrollmentSuccess),
      at('16-token-admin', ["assign to alice though it is bob's", 'assign unknown user'], {
        'json.result.error.message':
          "ERR1103: Token already assigned to user User(login='bob', realm='realm1', resolver='nod')",
      }),
    ],
  },
  {
    id: 'no API token for a user by password',
    rows: ['users |'],
    reason: 'Nod keeps no passwords of users; a user signs in by push (docs/protocol.md, "Sign-in by push")',
    applications: [
      at('01-auth', ['realm user ok', 'realm user, explicit realm', 'realm user user@realm'], {
        ...errorInsteadOfSuccess(401, 4031, 'Authentication failed.'),
        'json.id': 1,
        'json.result.authentication': ABSENT,
        'json.detail': {},
      }),
      at('01-auth', ['user token list', 'user role on admin-only endpoint', 'rights (user)'], {
        request: 'no API token for alice',
      }),
      at(
        '02-enroll-limits',
        [
          'user without enrollPUSH',
          'user with enrollPUSH',
          'user sets a pin without the right to',
          'user deletes without the right to',
          'user enrols for another user',
        ],
        { request: 'no API token for carol' },
      ),
      { file: '02-enroll-step1', exchanges: ['init by the user herself'], asAdministrator: true, nodAnswers: {} },
    ],
  },
  {
    id: 'the prefix Bearer is accepted',
    rows: ['`Bearer` in Authorization |'],
    reason: 'docs/protocol.md, "Credentials" and "Hardenings"',
    applications: [
      at('01-auth', ['Bearer prefix'], {
        ...successInsteadOfError,
        'json.detail': ABSENT,
        'json.result.value': { count: 0, next: null, prev: null, tokens: [] },
      }),
    ],
  },
  {
    id: 'an envelope about a wrong method',
    rows: ['wrong method |'],
    reason: 'every answer is an envelope, never a page of a framework (docs/architecture.md, "Failure policy")',
    applications: [
      methodRefused('01-auth', 'GET not allowed', 'POST'),
      methodRefused('02-enroll-step1', 'GET /token/init', 'POST'),
      // privacyIDEA takes `init` for a serial here: DELETE /token/<serial>.
      at('02-enroll-step1', ['GET /token/init'], { 'headers.Allow': ['POST'] }),
      methodRefused('06-accept-finalize', 'poll by POST', 'GET'),
    ],
  },
  {
    id: 'a token is asked for by its path',
    rows: ['`GET /token/<serial>` |'],
    reason:
      'the page of one token asks for it alone (docs/protocol.md, "Administration"); the recording deleted it before',
    applications: ['info', 'PIPU00001601'].map((serial) =>
      at('16-token-admin', [serial === 'info' ? 'GET /token/info?serial' : 'GET /token/<serial>'], {
        status: 404,
        content_type: 'application/json',
        'headers.Allow': null,
        json: new Containing({
          detail: null,
          result: { status: false, error: { code: 601, message: `No token found for serials: ${serial}` } },
        }),
      }),
    ),
  },
  {
    id: 'malformed input is an error of the caller',
    rows: [
      'answer whose signature is no base32 |',
      'phone poll of a token in `clientwait` |',
      '`/token/init` without `type`, or another type |',
      '`POST /token/set` |',
    ],
    reason: 'nothing a caller sends is answered with 500 (docs/protocol.md, "Errors", "Phone answer" and "Phone poll")',
    applications: [
      at('02-enroll-step1', ['init unknown type'], error(400, 1610, 'ERR1610: Unknown token type: nosuch')),
      at(
        '08-answer-errors',
        ['signature not base32', 'signature base64', 'lower-case base32 signature'],
        error(400, 905, 'ERR905: Invalid parameter signature: expected padded base32'),
      ),
      at('09-poll-policies', ['poll of a token in clientwait'], error(400, 10, 'ERR10: Could not verify signature!')),
      at(
        '16-token-admin',
        ['set max_failcount not a number'],
        error(400, 905, 'ERR905: Invalid parameter max_failcount: expected a whole number from 1 to 1000'),
      ),
    ],
  },
  {
    id: 'push tokens only',
    rows: ['`/token/init` without `type`, or another type |', '`rights` in `/auth` |'],
    reason: 'Nod enrolls push tokens alone (docs/protocol.md, "Token init": type)',
    applications: [
      at('01-auth', ['rights (admin)'], RIGHTS),
      at('26-token-definitions', ['rights'], RIGHTS),
      at('02-enroll-step1', ['init missing type'], {
        'json.detail.googleurl': ABSENT,
        'json.detail.oathurl': ABSENT,
        'json.detail.otpkey': ABSENT,
        'json.detail.rollout_state': 'clientwait',
        'json.detail.enrollment_credential': /^[0-9a-f]{40}$/,
        'json.detail.pushurl': new Containing({ description: 'URL for privacyIDEA Push Token' }),
      }),
    ],
  },
  {
    id: 'defaults instead of policies',
    rows: ['enrollment where no policy sets `push_registration_url`'],
    reason:
      'enrollment and polling work with defaults until a policy sets the action for somebody (docs/protocol.md, "Token init")',
    applications: [
      at(
        '02-enroll-step1',
        ['no enrolment policy at all', 'no registration url', 'no firebase configuration'],
        enrollmentSuccess,
      ),
      at('09-poll-policies', ['no registration url policy'], {
        ...successInsteadOfError,
        'json.detail': ABSENT,
        'json.result.value': [],
      }),
    ],
  },
  {
    id: 'a policy that names an unknown Firebase configuration',
    rows: ['unknown Firebase configuration |'],
    reason:
      'it is refused when it is written, so here enrollment goes on by the default (docs/protocol.md, "Token init")',
    applications: [
      at('02-enroll-step1', ['unknown firebase configuration'], {
        ...enrollmentSuccess,
        setup: /answers 400: ERR905: .*set the secret FIREBASE_NOSUCH/,
      }),
      at('02-enroll-step1', ['is a token left behind?'], {
        'json.result.value.tokens[0].info.push_firebase_configuration': 'FB1',
      }),
    ],
  },
  {
    id: 'registration URLs are normalized',
    rows: ['registration URL |'],
    reason:
      'the app signs over the URL as it parses it, so a space has to be %20 from the start (docs/protocol.md, "Signed text of the prompt")',
    applications: [
      at('02-enroll-uri-variants', ['registration url with query'], {
        'json.detail.pushurl.value':
          /\?url=https%3A\/\/pi\.example\.com%3A8443\/a%2520b\/ttype\/push%3Fx%3D1%26y%3D2&ttl=10&/,
      }),
    ],
  },
  {
    id: 'a repeated registration gets the same reply',
    rows: ['registration | the credential is valid until used |'],
    reason: 'otherwise a lost response would leave a token that nobody can use (docs/protocol.md, "Registration")',
    applications: [
      at('03-enroll-step2', ['replay of the same step 2'], {
        ...successInsteadOfError,
        'json.result.value': true,
        'json.detail': new Containing({ rollout_state: 'enrolled', public_key: /^MII[A-Za-z0-9+/]+=*$/ }),
      }),
    ],
  },
  {
    id: 'a wait without an answer does not count as a wrong PIN',
    rows: ['`push_wait` | a time-out or decline counts as a wrong PIN |'],
    reason: 'the PIN was right (docs/architecture.md, "A login, request by request")',
    applications: [
      at('11-push-wait', ['failcount after the time-out'], {
        'json.result.value.tokens[0].failcount': 0,
        'json.result.value.tokens[0].info.count_auth': '1',
      }),
    ],
  },
  {
    id: 'a repeated answer gets the same reply',
    rows: ['answer | the same answer again'],
    reason: 'the app sends its answer once more if it hears nothing (docs/protocol.md, "Phone answer")',
    applications: [at('08-answer-errors', ['answer a second time'], { 'json.result.value': true })],
  },
  {
    id: 'a prompt does not change after the trigger',
    rows: ['`sslverify` of a prompt |'],
    reason: 'pushed or polled, the phone sees the same prompt (docs/protocol.md, "Hardenings")',
    applications: [
      at('09-poll-policies', ['texts are those valid when polling; user tags'], {
        'json.result.value[*].sslverify': '1',
      }),
    ],
  },
  {
    id: 'no prompts for disabled and revoked tokens',
    rows: ['phone poll of a disabled, revoked or locked token |'],
    reason: 'docs/protocol.md, "Hardenings"',
    applications: [
      at('09-poll-policies', ['poll of a disabled token', 'poll of a revoked token'], { 'json.result.value': [] }),
    ],
  },
  {
    id: 'updates of the registration token in order',
    rows: ['registration token update |'],
    reason: 'an update signed before the newest one is a replay (docs/protocol.md, "Hardenings")',
    applications: [
      at('10-fbtoken-update', ['4 minutes old'], {
        ...errorInsteadOfSuccess(400, 10, ''),
        'json.result.error': new Containing({ code: 10, message: /^ERR10: Timestamp .* not in valid range\.$/ }),
        'json.detail': null,
      }),
    ],
  },
  {
    id: 'a push expires with its challenge',
    rows: ['FCM `ttl` |'],
    reason: 'a phone must not ring for a login that has ended (docs/protocol.md, "FCM message")',
    applications: [
      // On a busy machine a second or two of it are over when the message is sent.
      { ...everywhere({ 'fcm[*].body.message.android.ttl': /^11\ds$/ }), mayBeAlike: true },
      at('09-poll-policies', ['trigger, valid for 1 s'], {
        'fcm[*].body.message.android.ttl': '1s',
        'fcm[*].body.message.apns.headers.apns-expiration': /^\d+$/,
      }),
      at('18-challenges', ['trigger alice (short)'], {
        'fcm[*].body.message.android.ttl': /^[12]s$/,
        'fcm[*].body.message.apns.headers.apns-expiration': /^\d+$/,
      }),
    ],
  },
  {
    id: 'an answer is verified for the login of its nonce',
    rows: ['answer | tried against every open challenge |'],
    reason:
      'the nonce selects the login, and there an unknown serial is refused like a wrong signature (docs/architecture.md, "A login, request by request")',
    applications: [
      {
        ...at('08-answer-errors', ['unknown serial'], {
          ...successInsteadOfError,
          'json.detail': ABSENT,
          'json.result.value': false,
        }),
        mode: 'with nonce',
      },
    ],
  },
  ...ADMINISTRATION,
  ...RELEASE,
]
