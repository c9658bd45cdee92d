import { RIGHTS } from '../../../src/rules/policy/actions/rights.ts'
import { ABSENT, type Divergence, ANYTHING } from '../replay/divergence.ts'
import { absent, at, CONSOLE_SETTINGS, errorInsteadOfSuccess, everywhere } from '../replay/divergence-builders.ts'

const TABLE =
  /^'id', 'description', 'serial', 'tokentype', 'info', .*'user_editable', 'readonly_info_keys', 'undeletable_info_keys', 'settable_info_keys', 'container_serial', \n'\d+', 'phone of alice', 'PIPU00001601', 'push', '\{"tokenkind":"software",[^']*\}', 'nod', 'alice', '6', '10', 'True', 'False', 'False', .*'enrolled', '\["realm1"\]', '\[\]', 'alice', 'realm1', 'True', '\["tokenkind",[^']*\]', '\["tokenkind",[^']*\]', '\[[^']*\]', '', \n$/

const ONLY_RESOLVER = { name: 'nod', type: 'nod', node: '', priority: null }

const unknownParameter = (name: string) => ({
  ...errorInsteadOfSuccess(400, 905, `ERR905: Unknown parameter '${name}'.`),
  'json.detail': null,
})

/** Where administrators are shown something else than by privacyIDEA, on purpose. */
export const ADMINISTRATION: readonly Divergence[] = [
  {
    id: 'a console of its own',
    rows: ['`/auth`, settings of the web interface |', '`rights` in `/auth` |'],
    reason:
      'settings of the web interface, its menus, and rights Nod has something of; clients read token, role and username (docs/protocol.md, "Sign-in")',
    applications: [
      at('01-auth', ['admin ok (form)', 'admin ok (json)'], {
        ...absent(CONSOLE_SETTINGS),
        'json.result.value.menus': [],
        'json.result.value.rights': Object.keys(RIGHTS),
        'json.result.value.log_level': 30,
      }),
    ],
  },
  {
    id: 'no secrets in the token list',
    rows: ['token lists |'],
    reason:
      'keys, credentials and registration tokens are for the server alone (docs/protocol.md, "Token list" and "Hardenings")',
    applications: [
      everywhere({
        'json.result.value.tokens[*].info.private_key_server': ABSENT,
        "json.result.value.tokens[*].info['private_key_server.type']": ABSENT,
        'json.result.value.tokens[*].info.firebase_token': ABSENT,
        'json.result.value.tokens[*].info.enrollment_credential': ABSENT,
      }),
    ],
  },
  {
    id: 'keys in the token list',
    rows: ['phone keys in lists |', '`info.public_key_server` |'],
    reason:
      'the server key belongs to the deployment and is sent to the phone at enrollment; the phone’s key is shown as it is stored',
    applications: [
      everywhere({
        'json.result.value.tokens[*].info.public_key_server': ABSENT,
        'json.result.value.tokens[*].info.public_key_smartphone': /^[A-Za-z0-9+/]+=*$/,
      }),
    ],
  },
  {
    id: 'a parameter that the endpoint does not read',
    rows: ['a parameter that an administrative endpoint does not read |'],
    reason: 'a misspelled filter or restriction must not be taken for none (docs/protocol.md, "Parameters")',
    applications: [
      at('16-token-admin', ['set pin via /token/set'], unknownParameter('pin')),
      at('16-token-list-paging', ['serial list'], unknownParameter('serial_list')),
      at('22-audit', ['audit unknown filter'], unknownParameter('nosuch')),
    ],
  },
  {
    id: 'an unknown realm is named',
    rows: ['an unknown realm |'],
    reason:
      'Nod has no directory in which a misspelled realm would be missing (docs/protocol.md, "Users, realms, resolvers")',
    applications: [
      at('02-enroll-step1', ['init unknown realm'], {
        'json.result.error.message': "ERR904: Unknown realm 'nosuch'. POST /realm/nosuch creates it.",
      }),
      at('16-token-admin', ['realms unknown'], {
        ...errorInsteadOfSuccess(400, 905, "ERR905: Unknown realm 'nosuch'. POST /realm/nosuch creates it."),
        'json.detail': null,
      }),
      at('16-token-admin', ['list after unassign', 'list after revoke'], {
        'json.result.value.tokens[0].realms': ['realm1', 'realm2'],
      }),
    ],
  },
  {
    id: 'an action of another scope',
    rows: ['an action that a scope does not have |'],
    reason: 'the message goes on with what is meant',
    applications: [
      at('27-policy-api', ['push action in the wrong scope'], {
        'json.result.error.message':
          "ERR905: Invalid actions ['push_wait']! It is an action of the scope authentication.",
      }),
    ],
  },
  {
    id: 'a failed finalize does not count as an attempt',
    rows: ['finalize | not atomic'],
    reason: 'an unknown or finalized transaction id is not a wrong PIN (docs/divergences.md)',
    applications: [
      at('06-accept-finalize', ['token afterwards'], { 'json.result.value.tokens[0].info.count_auth': '3' }),
    ],
  },
  {
    id: 'no cache keeps an API token',
    rows: ['`Cache-Control` of `/auth`'],
    reason: 'the answer to a sign-in holds a credential: no-store, as for logins (docs/protocol.md, "Headers")',
    applications: [
      at(
        '01-auth',
        [
          'admin ok (form)',
          'admin ok (json)',
          'admin wrong password',
          'unknown user',
          'missing username',
          'missing password',
          'empty body',
          'realm user ok',
          'realm user, explicit realm',
          'realm user user@realm',
          'realm user wrong password',
          'unknown realm',
        ],
        { 'headers.Cache-Control': 'no-store' },
      ),
      at('22-audit', ['bad login'], { 'headers.Cache-Control': 'no-store' }),
    ],
  },
  {
    id: 'a token is assigned by its serial',
    rows: ['`POST /token/assign` without `serial` |'],
    reason: 'a user may have several tokens: without a serial, choosing one is a guess',
    applications: [
      at('16-token-admin', ['assign missing serial'], {
        'json.result.error.code': 905,
        'json.result.error.message': 'ERR905: Missing parameter: serial',
      }),
    ],
  },
  {
    id: 'listed challenges are without their nonce',
    rows: ['`GET /token/challenges/` |'],
    reason: 'who lists challenges must not be able to answer one (docs/protocol.md, "Hardenings")',
    applications: [everywhere({ 'json.result.value.challenges[*].challenge': '***' })],
  },
  {
    id: 'no flag about a cache of challenges',
    rows: ['`redis_cache_enabled` in lists of challenges |'],
    reason:
      'it says whether privacyIDEA keeps challenges in Redis; no client reads it (docs/protocol.md, "Challenge list")',
    applications: [everywhere({ 'json.result.value.redis_cache_enabled': ABSENT })],
  },
  {
    id: 'quoting in the CSV export',
    rows: ['`GET /token/`, `outform=csv` |'],
    reason:
      'quotes are doubled and info is JSON, so that no value breaks the table; secrets are left out (docs/protocol.md, "Token list")',
    applications: [at('16-token-admin', ['list outform=csv'], { text: TABLE })],
  },
  {
    id: 'users without a directory',
    rows: ['users |', '`GET /user/` |'],
    reason:
      'a user is what tokens and POST /user/ name; there is no entry of a directory to describe (docs/protocol.md, "Users, realms, resolvers")',
    applications: [
      at('26-token-definitions', ['users', 'user by name'], {
        'json.result.value[*].description': ABSENT,
        'json.result.value[*].editable': true,
        'json.result.value[*].resolver': 'nod',
        'json.result.value[*].userid': /^(alice|bob|carol|erin)$/,
      }),
    ],
  },
  {
    id: 'one resolver in every realm',
    rows: ['`GET /realm/`, `/resolver/` |'],
    reason:
      'types are Nod’s own; a realm is its name and has no row number (docs/protocol.md, "Users, realms, resolvers")',
    applications: [
      at('26-token-definitions', ['realms'], {
        'json.result.value.defrealm': { default: false, resolver: [ONLY_RESOLVER] },
        'json.result.value.realm1.id': ABSENT,
        'json.result.value.realm2.id': ABSENT,
        'json.result.value.realm1.resolver[0].name': 'nod',
        'json.result.value.realm1.resolver[0].type': 'nod',
        'json.result.value.realm2.resolver[0].name': 'nod',
        'json.result.value.realm2.resolver[0].type': 'nod',
      }),
    ],
  },
  {
    id: 'settings that an installer writes',
    rows: ['`GET /system/` |'],
    reason:
      'privacyIDEA’s installer stores them; Nod has the same values as defaults (docs/protocol.md, "System settings")',
    applications: [
      at('26-token-definitions', ['system config'], {
        'json.result.value.IncFailCountOnFalsePin': ABSENT,
        'json.result.value.PrependPin': ABSENT,
        'json.result.value.splitAtSign': ABSENT,
        'json.result.value.__timestamp__': ABSENT,
      }),
    ],
  },
  {
    id: 'the list of policy actions',
    rows: ['`GET /policy/defs` |'],
    reason:
      'Nod lists the actions it has, with its own descriptions (docs/protocol.md, "Policy administration"); recordings that set one replay its effect',
    applications: [at('26-token-definitions', ['policy definitions'], { 'json.result.value': ANYTHING })],
  },
]
