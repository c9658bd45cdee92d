import { RIGHTS } from '../../../src/rules/rights-definitions.ts'
import { ABSENT, type Divergence } from '../replay/divergence.ts'
import { absent, at, CONSOLE_SETTINGS, everywhere } from '../replay/instead.ts'

/** What administrators are shown otherwise than by privacyIDEA, on purpose. Source: as in `../divergences.ts`. */
export const ADMINISTRATION: readonly Divergence[] = [
  {
    id: 'a console of its own',
    reason:
      'settings of the web interface, its menus, and rights Nod has something of; clients read token, role and username (contract 13.1)',
    applies: [
      at('01-auth', ['admin ok (form)', 'admin ok (json)'], {
        ...absent(CONSOLE_SETTINGS),
        'json.result.value.menus': [],
        'json.result.value.rights': Object.keys(RIGHTS),
        'json.result.value.log_level': 30,
      }),
    ],
  },
  {
    id: 'no secrets in lists',
    reason: 'keys, credentials and registration tokens are for the server alone (contract 13.3, 16 #19)',
    applies: [
      everywhere({
        'json.result.value.tokens[*].info.private_key_server': ABSENT,
        "json.result.value.tokens[*].info['private_key_server.type']": ABSENT,
        'json.result.value.tokens[*].info.firebase_token': ABSENT,
        'json.result.value.tokens[*].info.enrollment_credential': ABSENT,
      }),
    ],
  },
  {
    id: 'keys are not shown in lists',
    reason: 'the server key is the deployment’s, told to the phone at enrollment; the phone’s is shown as it is kept',
    applies: [
      everywhere({
        'json.result.value.tokens[*].info.public_key_server': ABSENT,
        'json.result.value.tokens[*].info.public_key_smartphone': /^[A-Za-z0-9+/]+=*$/,
      }),
    ],
  },
  {
    id: 'no finalize counts as a try',
    reason: 'an id that is unknown or used up is no wrong PIN (divergences.md, finalize)',
    applies: [at('06-accept-finalize', ['token afterwards'], { 'json.result.value.tokens[0].info.count_auth': '3' })],
  },
  {
    id: 'a token is assigned by its serial',
    reason: 'which one of a user is meant, where none is named, is a guess (observed "/token/*")',
    applies: [
      at('16-token-admin', ['assign missing serial'], {
        'json.result.error.code': 905,
        'json.result.error.message': 'ERR905: Missing parameter: serial',
      }),
    ],
  },
  {
    id: 'challenges are shown without what answers them',
    reason: 'whoever may list must not be able to finish somebody else’s login (contract 16 #6)',
    applies: [everywhere({ 'json.result.value.challenges[*].challenge': '***' })],
  },
  {
    id: 'no cache of challenges',
    reason: 'it tells whether privacyIDEA keeps challenges in Redis; no client reads it (contract 13.6)',
    applies: [everywhere({ 'json.result.value.redis_cache_enabled': ABSENT })],
  },
]
