import { describe, expect, it } from 'vitest'
import { type KnownChange, lostChanges } from '../../../src/rules/deployment/lost-changes.ts'
import { epoch, instant, revision } from '../../../src/vocabulary.ts'

const owner = { login: 'ada', realm: 'sales' }
const TOKENS = new Set(['A', 'B'])

let next = 0
const change = (action: string, isLost: boolean, more: Partial<KnownChange> = {}): KnownChange => {
  next += 1
  return {
    epoch: epoch(1),
    revision: revision(next),
    at: instant(next),
    action,
    administrator: 'grace',
    isLost,
    ...more,
  }
}
const ofToken = (action: string, isLost = true, serial = 'A') => change(action, isLost, { serial, owner })
const remaining = (...changes: readonly KnownChange[]) => lostChanges(changes, TOKENS)
const actions = (...changes: readonly KnownChange[]) => remaining(...changes).map(({ action }) => action)

const DISABLE = 'POST /token/disable/<serial>'
const ENABLE = 'POST /token/enable/<serial>'
const SET_PIN = 'POST /token/setpin/<serial>'
const DELETE = 'DELETE /token/<serial>'

describe('what a restore has undone', () => {
  it.each<[string, readonly KnownChange[], readonly string[]]>([
    ['a token that was disabled', [ofToken(DISABLE)], [DISABLE]],
    ['not what was taken back before the restore', [ofToken(DISABLE), ofToken(ENABLE)], [ENABLE]],
    ['not what somebody has done again', [ofToken(DISABLE), ofToken(DISABLE, false)], []],
    ['not a token that somebody has enabled since', [ofToken(DISABLE), ofToken(ENABLE, false)], []],
    ['of three PINs the last', [ofToken(SET_PIN), ofToken(SET_PIN), ofToken(SET_PIN)], [SET_PIN]],
    [
      'a PIN, although another field was changed since',
      [ofToken(SET_PIN), ofToken('POST /token/set/<serial>', false)],
      [SET_PIN],
    ],
    [
      'of a deleted token the deletion alone',
      [ofToken(SET_PIN), ofToken(DELETE), ofToken('POST /token/init')],
      [DELETE],
    ],
    ['no deletion of a token that does not exist', [ofToken(DELETE, true, 'C')], []],
    [
      'no registration token, no bypass code and no key of API tokens',
      [
        ofToken('refresh registration'),
        change('DELETE /token/bypass/<id>', true, { owner }),
        change('POST /deployment/keys/api-token/rotate', true, { info: '0123, the keys before are compromised' }),
      ],
      [],
    ],
    [
      'that a phone was revoked because its user had declined it, unless it is revoked again',
      [
        ofToken('revoke declined token'),
        ofToken('revoke declined token', true, 'B'),
        ofToken('POST /token/revoke/<serial>', false, 'B'),
        change('void declined bypass code', true, { owner }),
      ],
      ['revoke declined token'],
    ],
    [
      'a change of a kind that is not known here',
      [change('POST /something/<name>', true, { info: 'x' })],
      ['POST /something/<name>'],
    ],
  ])('lists %s', (_, changes, expected) => {
    expect(actions(...changes)).toEqual(expected)
  })

  it('is done again by the same request', () => {
    const info = { info: 'a/b' }
    const requests = remaining(
      ofToken(DISABLE),
      ofToken('POST /token/unassign', true, 'B'),
      change('DELETE /policy/<name>', true, info),
      change('DELETE /user/<resolver>/<user>', true, { owner }),
    ).map(({ repeat: again }) => again)
    expect(requests).toEqual([
      { method: 'POST', path: '/token/disable/A', parameters: {} },
      { method: 'POST', path: '/token/unassign', parameters: { serial: 'B' } },
      { method: 'DELETE', path: '/policy/a%2Fb', parameters: {} },
      { method: 'DELETE', path: '/user/nod/ada', parameters: { realm: 'sales' } },
    ])
  })

  it('is done again where it rotated a signing key; a new secret of a service has to be shown again', () => {
    const others = [
      remaining(change('POST /deployment/keys/signing/rotate', true, { info: 'k3072-2' })),
      remaining(change('DELETE /deployment/keys/signing/<id>', true, { info: 'k3072-1' })),
      remaining(change('POST /apikey/<name>/rotate', true, { info: 'vpn: the secret before ends now' })),
      remaining(
        change('POST /apikey/<name>/rotate', true, { info: 'vpn: the secret before ends now' }),
        change('DELETE /apikey/<name>', true, { info: 'vpn' }),
      ),
    ]
    expect(others.map((list) => list.map(({ action, repeat }) => [action, repeat?.path]))).toEqual([
      [['POST /deployment/keys/signing/rotate', '/deployment/keys/signing/rotate']],
      [['DELETE /deployment/keys/signing/<id>', '/deployment/keys/signing/k3072-1']],
      [['POST /apikey/<name>/rotate', undefined]],
      [['DELETE /apikey/<name>', '/apikey/vpn']],
    ])
  })

  it('is done by hand where it needs what is stored nowhere, and until then the token can be disabled', () => {
    const disable = { method: 'POST', path: '/token/disable/A', parameters: {} }
    for (const action of [SET_PIN, 'register phone', 'POST /token/assign', 'POST /token/init']) {
      const [lost] = remaining(ofToken(action))
      expect([lost?.repeat, lost?.disable]).toEqual([undefined, disable])
    }
    expect(remaining(ofToken(SET_PIN), ofToken(DISABLE, false))[0]?.disable).toBeUndefined()
    expect(remaining(ofToken(SET_PIN, true, 'C'))[0]?.disable).toBeUndefined()
    expect(remaining(change('POST /administrator/password', true))[0]?.disable).toMatchObject({
      path: '/administrator/disable/grace',
    })
  })
})
