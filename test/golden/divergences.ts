import { ABSENT, type Application, type Divergence, type Expected, type NotYet, Partly } from './replay/divergence.ts'

/**
 * Where Nod answers otherwise than privacyIDEA did, on purpose. An entry that no longer makes a difference fails the
 * replay, as does a difference without an entry. "contract" and "design" are the wire contract and the design page.
 */

/** An error where the recording has another error: status, code and text. */
const error = (status: number, code: number, message: Expected): Application['instead'] => ({
  status,
  'json.result.error.code': code,
  'json.result.error.message': message,
})

/** An error where the recording has a success. */
const errorInsteadOfSuccess = (status: number, code: number, message: string): Application['instead'] => ({
  status,
  'json.result.status': false,
  'json.result.value': ABSENT,
  'json.result.error': { code, message },
  'json.versionnumber': ABSENT,
})

/** A success where the recording has an error. */
const successInsteadOfError: Application['instead'] = {
  status: 200,
  'json.result.status': true,
  'json.result.error': ABSENT,
}

/** The framework's page about a method; Nod says it in the usual frame. */
const methodRefused = (file: string, label: string, allowed: string): Application => ({
  file,
  exchanges: [label],
  instead: {
    content_type: 'application/json',
    json: new Partly({
      detail: null,
      result: {
        status: false,
        error: { code: 10, message: `ERR10: This method is not allowed here; allowed: ${allowed}` },
      },
    }),
  },
})

/** A first enrollment step that succeeds where the recording has a refusal. */
const enrolled: Application['instead'] = {
  ...successInsteadOfError,
  'json.result.value': true,
  'json.detail': new Partly({
    rollout_state: 'clientwait',
    serial: /^PIPU[0-9A-Z]{8}$/,
    enrollment_credential: /^[0-9a-f]{40}$/,
  }),
}

const NONCE = /^[A-Z2-7]{64}$/

const CONSOLE_SETTINGS = [
  'admin_dashboard audit_page_size container_wizard default_container_type default_tokentype deletion_confirmation',
  'dialog_no_token hide_buttons hide_welcome logout_redirect_url policy_template_url qr_image_android qr_image_custom',
  'qr_image_ios require_description rss_age search_on_enter show_node show_seed subscription_status',
  'subscription_status_push timeout_action token_page_size token_rollover token_wizard token_wizard_2nd user_details',
  'user_page_size',
].flatMap((line) => line.split(' '))

const absent = (names: readonly string[]): Record<string, Expected> =>
  Object.fromEntries(names.map((name) => [`json.result.value.${name}`, ABSENT]))

export const DIVERGENCES: readonly Divergence[] = [
  {
    id: 'attributes only once',
    reason: 'php-client declares it a string in the entries and crashes on the object (contract 3.3)',
    applies: [{ file: '*', exchanges: '*', instead: { 'json.detail.multi_challenge[*].attributes': ABSENT } }],
  },
  {
    id: 'nonces name their transaction',
    reason: 'base32 of 40 bytes: id and commitment to the context of the login (design, Identifiers)',
    applies: [
      {
        file: '*',
        exchanges: '*',
        instead: { 'fcm[*].body.message.data.nonce': NONCE, 'json.result.value[*].nonce': NONCE },
      },
    ],
  },
  {
    id: 'no secrets in lists',
    reason: 'keys, credentials and registration tokens are for the server alone (contract 13.3, 16 #19)',
    applies: [
      {
        file: '*',
        exchanges: '*',
        instead: {
          'json.result.value.tokens[*].info.private_key_server': ABSENT,
          "json.result.value.tokens[*].info['private_key_server.type']": ABSENT,
          'json.result.value.tokens[*].info.firebase_token': ABSENT,
          'json.result.value.tokens[*].info.enrollment_credential': ABSENT,
        },
      },
    ],
  },
  {
    id: 'no directory',
    reason: 'a user is what tokens and POST /user/ name; Nod is the only resolver (contract 13.5: types are its own)',
    applies: [
      {
        file: '*',
        exchanges: '*',
        instead: {
          'json.result.value.tokens[*].resolver': 'nod',
          'json.result.value.tokens[*].user_id': /^(alice|bob|carol|dave|erin)$/,
          'json.result.value.tokens[*].user_editable': true,
        },
      },
      { file: '02-enroll-step1', exchanges: ['init unknown user', 'init unknown realm'], instead: enrolled },
    ],
  },
  {
    id: 'users do not sign in',
    reason: 'no directory, no passwords: nobody has the role user, so such requests have no counterpart (design)',
    applies: [
      {
        file: '01-auth',
        exchanges: ['realm user ok', 'realm user, explicit realm', 'realm user user@realm'],
        instead: {
          ...errorInsteadOfSuccess(401, 4031, 'Authentication failure. Wrong credentials'),
          'json.id': 1,
          'json.result.authentication': ABSENT,
          'json.detail': {},
        },
      },
      {
        file: '01-auth',
        exchanges: ['user token list', 'user role on admin-only endpoint', 'rights (user)'],
        instead: { request: 'no API token for alice' },
      },
      {
        file: '02-enroll-limits',
        exchanges: [
          'user without enrollPUSH',
          'user with enrollPUSH',
          'user sets a pin without the right to',
          'user deletes without the right to',
          'user enrols for another user',
        ],
        instead: { request: 'no API token for carol' },
      },
      { file: '02-enroll-step1', exchanges: ['init by the user herself'], standIn: true, instead: {} },
    ],
  },
  {
    id: 'a console of its own',
    reason: 'settings of the web interface and its menus; clients read token, role and username (contract 13.1)',
    applies: [
      {
        file: '01-auth',
        exchanges: ['admin ok (form)', 'admin ok (json)'],
        instead: {
          ...absent(CONSOLE_SETTINGS),
          'json.result.value.menus': [],
          'json.result.value.rights': [],
          'json.result.value.log_level': 30,
        },
      },
    ],
  },
  {
    id: 'Bearer is accepted',
    reason: 'contract 1.6 and 16 #20',
    applies: [
      {
        file: '01-auth',
        exchanges: ['Bearer prefix'],
        instead: {
          ...successInsteadOfError,
          'json.detail': ABSENT,
          'json.result.value': { count: 0, next: null, prev: null, tokens: [] },
        },
      },
    ],
  },
  {
    id: 'a wrong method in the usual frame',
    reason: 'no page of a framework: every answer is an envelope (design, Failure policy)',
    applies: [
      methodRefused('01-auth', 'GET not allowed', 'POST'),
      methodRefused('02-enroll-step1', 'GET /token/init', 'POST'),
      // privacyIDEA takes `init` for a serial here: DELETE /token/<serial>.
      { file: '02-enroll-step1', exchanges: ['GET /token/init'], instead: { 'headers.Allow': ['POST'] } },
      methodRefused('06-accept-finalize', 'poll by POST', 'GET'),
    ],
  },
  {
    id: 'what cannot be read is the fault of the caller',
    reason: 'no 500 for anything a caller sends (contract 1.4, 6, 7; observed.md 2)',
    applies: [
      {
        file: '02-enroll-step1',
        exchanges: ['init unknown type'],
        instead: error(400, 1610, 'ERR1610: Unknown token type: nosuch'),
      },
      {
        file: '08-answer-errors',
        exchanges: ['signature not base32', 'signature base64', 'lower-case base32 signature'],
        instead: error(400, 905, 'ERR905: Invalid parameter signature: expected padded base32'),
      },
      {
        file: '09-poll-policies',
        exchanges: ['poll of a token in clientwait'],
        instead: error(400, 10, 'ERR10: Could not verify signature!'),
      },
    ],
  },
  {
    id: 'push tokens only',
    reason: 'without a type privacyIDEA enrolls HOTP, which Nod is not about (contract 2.1: type)',
    applies: [
      {
        file: '02-enroll-step1',
        exchanges: ['init missing type'],
        instead: { ...errorInsteadOfSuccess(400, 1610, 'ERR1610: Unknown token type: hotp'), 'json.detail': null },
      },
    ],
  },
  {
    id: 'defaults instead of policies',
    reason: 'without any enrollment policy enrollment and polling just work (design, Keys and secrets)',
    applies: [
      { file: '02-enroll-step1', exchanges: ['no enrolment policy at all'], instead: enrolled },
      {
        file: '09-poll-policies',
        exchanges: ['no registration url policy'],
        instead: { ...successInsteadOfError, 'json.detail': ABSENT, 'json.result.value': [] },
      },
    ],
  },
  {
    id: 'a refusal leaves nothing behind',
    reason: 'the Firebase configuration is looked up before the token is written (observed.md 2, not to be copied)',
    applies: [
      {
        file: '02-enroll-step1',
        exchanges: ['is a token left behind?'],
        instead: { 'json.result.value.count': 0, 'json.result.value.tokens': [] },
      },
    ],
  },
  {
    id: 'registration URLs in normal form',
    reason: 'the app signs over the URL as it parses it, so a space has to be %20 from the start (contract 5.2)',
    applies: [
      {
        file: '02-enroll-uri-variants',
        exchanges: ['registration url with query'],
        instead: {
          'json.detail.pushurl.value':
            /\?url=https%3A\/\/pi\.example\.com%3A8443\/a%2520b\/ttype\/push%3Fx%3D1%26y%3D2&ttl=10&/,
        },
      },
    ],
  },
  {
    id: 'an unknown transaction is no wrong PIN',
    reason: 'finalizing twice or polling by finalize must not walk a token into its lock (contract 9.2)',
    applies: [],
  },
  {
    id: 'the same answer, the same reply',
    reason: 'the app sends its answer once more if it hears nothing (contract 6; design, A login 5)',
    applies: [
      { file: '08-answer-errors', exchanges: ['answer a second time'], instead: { 'json.result.value': true } },
    ],
  },
  {
    id: 'prompts are fixed when triggered',
    reason: 'pushed or polled, the phone sees the same (contract 16 #7; design, Against fatigue)',
    applies: [
      {
        file: '09-poll-policies',
        exchanges: ['texts are those valid when polling; user tags'],
        instead: {
          'json.result.value[*].question': 'Do you want to confirm the login?',
          'json.result.value[*].title': 'privacyIDEA',
          'json.result.value[*].sslverify': '1',
        },
      },
    ],
  },
  {
    id: 'disabled and revoked tokens are shown nothing',
    reason: 'contract 16 #9',
    applies: [
      {
        file: '09-poll-policies',
        exchanges: ['poll of a disabled token', 'poll of a revoked token'],
        instead: { 'json.result.value': [] },
      },
    ],
  },
  {
    id: 'token updates in order',
    reason: 'an update signed before the newest one is a replay (contract 16 #8)',
    applies: [
      {
        file: '10-fbtoken-update',
        exchanges: ['4 minutes old'],
        instead: {
          ...errorInsteadOfSuccess(400, 10, ''),
          'json.result.error': new Partly({ code: 10, message: /^ERR10: Timestamp .* not in valid range\.$/ }),
          'json.detail': null,
        },
      },
    ],
  },
]

export const NOT_YET: readonly NotYet[] = [
  {
    file: '01-auth',
    exchanges: ['expired token'],
    reason: 'takes the policy jwt_validity to make one',
  },
  {
    file: '02-enroll-limits',
    exchanges: [
      'first',
      'second refused by max_token_per_user',
      'second refused by push_max_token_per_user',
      'bob refused by max_token_per_realm',
      'user without enrollPUSH',
      'user with enrollPUSH',
      'administrator without enrollPUSH',
      'administrator without disable',
      'pin too short',
      'pin without digit',
      'no pin',
      'administrator for realm2 enrols in realm1',
    ],
    reason: 'limits and the scopes admin and user are later work',
  },
  {
    file: '05-check-pin-policies',
    exchanges: [
      'userstore: right password',
      'userstore: token pin',
      'userstore by serial',
      'passthru, user without token, right password',
      'passOnNoToken',
    ],
    reason: 'userstore, passthru and passOnNoToken are later work',
  },
]
