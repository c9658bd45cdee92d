/** Where endpoints differ, and which of privacyIDEA's Nod does not have. */
import { ABSENT, type Divergence, Containing } from '../replay/divergence.ts'
import { at, error, methodRefused } from '../replay/divergence-builders.ts'

const NOT_FOUND = new Containing({ status: false, error: { code: 601, message: 'Not found' } })
const missing = error(404, 601, 'Not found')

const CONFIRM = 'Please confirm the authentication on your mobile device!'

export const ENDPOINTS: readonly Divergence[] = [
  {
    id: 'an envelope about an unknown path',
    rows: ['unknown path |'],
    reason: 'every answer is an envelope, and there is no redirect (docs/architecture.md, "Failure policy")',
    applications: [
      at('20-errors', ['unknown endpoint GET json', 'unknown endpoint POST', 'samlcheck is gone'], {
        'json.error': ABSENT,
        'json.id': 1,
        'json.jsonrpc': '2.0',
        'json.result': NOT_FOUND,
        'json.detail': null,
      }),
      at('20-errors', ['unknown endpoint GET default accept'], {
        status: 404,
        content_type: 'application/json',
        json: new Containing({ result: NOT_FOUND, detail: null }),
      }),
      methodRefused('20-errors', 'DELETE on ttype', 'GET, POST'),
    ],
  },
  {
    id: 'push tokens are the only type',
    rows: ['passkeys, offline tokens, remembered devices, feeds |'],
    reason:
      'passkeys, offline tokens, remembered devices and feeds are no part of a push deployment (docs/protocol.md, "Administration", marks P)',
    applications: [
      at(
        '20-errors',
        [
          'initialize without type',
          'initialize push',
          'initialize passkey without policy',
          'offlinerefill',
          'info rss',
        ],
        missing,
      ),
      at('20-errors', ['capabilities without key', 'remember_device without key'], { ...missing, 'json.detail': null }),
      at('20-errors', ['other ttype (hotp)'], error(400, 905, 'ERR905: Invalid tokentype provided. ttype: hotp')),
      at('24-check-shapes', ['otponly'], { 'json.detail.message': 'wrong otp pin' }),
    ],
  },
  {
    id: 'a HOTP token beside push',
    rows: ['passkeys, offline tokens, remembered devices, feeds |'],
    reason: 'Nod enrolls none, so such a login is one by push alone; logins by push and edupush are tested by stories',
    applications: [
      at(
        '24-check-shapes',
        ['push and hotp challenge', 'preferred_client_mode poll first', 'triggerchallenge both types'],
        {
          'json.detail.message': CONFIRM,
          'json.detail.messages': [CONFIRM],
          'json.detail.multi_challenge': new Containing({ 0: new Containing({ type: 'push', message: CONFIRM }) }),
        },
      ),
      at('24-check-shapes', ['push and hotp challenge'], {
        'json.detail.preferred_client_mode': 'poll',
        setup: /no way to carry out .*hotp token/,
      }),
      at('24-check-shapes', ['triggerchallenge both types'], {
        'json.detail.client_mode': 'poll',
        'json.detail.type': 'push',
        'json.result.value': 1,
      }),
    ],
  },
  {
    id: 'the body of a health check',
    rows: ['health check |'],
    reason:
      'a probe reads the status code, and Nod has no hardware module to report (docs/protocol.md, "Administration")',
    applications: [
      at('20-errors', ['healthz'], {
        'json.id': ABSENT,
        'json.jsonrpc': ABSENT,
        'json.result': ABSENT,
        'json.time': ABSENT,
        'json.status': 'ok',
      }),
    ],
  },
]
