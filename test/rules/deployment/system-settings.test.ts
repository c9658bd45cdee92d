import { describe, expect, it } from 'vitest'
import { parseSettings } from '../../../src/protocol/administration/deployment-request.ts'
import {
  checkSystemSetting,
  readSystemSettings,
  SYSTEM_SETTINGS,
} from '../../../src/rules/deployment/system-settings.ts'

describe('stored system settings', () => {
  it('have defaults', () => {
    expect(readSystemSettings({})).toEqual({
      validFor: 120,
      grace: 300,
      maxAttempts: 10,
      splitAtSign: true,
      proxyPaths: [],
    })
  })

  it.each<[Record<string, string>, object]>([
    [{ PushChallengeValidityTime: '60', DefaultChallengeValidityTime: '90' }, { validFor: 60 }],
    [{ DefaultChallengeValidityTime: '90' }, { validFor: 90 }],
    [{ PushChallengeValidityTime: 'soon', DefaultChallengeValidityTime: '90' }, { validFor: 90 }],
    [{ PushChallengeValidityTime: '1' }, { validFor: 1 }],
    [{ PushChallengeFinalizeGrace: '0' }, { grace: 0 }],
    [{ DefaultMaxFailCount: '3' }, { maxAttempts: 3 }],
    [{ DefaultMaxFailCount: '0' }, { maxAttempts: 10 }],
    [{ splitAtSign: 'False' }, { splitAtSign: false }],
    [{ splitAtSign: '0' }, { splitAtSign: false }],
    [{ splitAtSign: 'FALSE' }, { splitAtSign: false }],
    [{ splitAtSign: 'perhaps' }, { splitAtSign: true }],
    [{ splitAtSign: 'notfalse' }, { splitAtSign: true }],
    [{ splitAtSign: '00' }, { splitAtSign: true }],
    [{ failcounter_clear_timeout: '5' }, { forgivenAfter: 300 }],
    [{ failcounter_clear_timeout: '0' }, {}],
    [{ PrependPin: 'True' }, {}],
  ])('%j', (entries, expected) => {
    expect(readSystemSettings(entries)).toEqual({ ...readSystemSettings({}), ...expected })
  })
})

describe('a system setting that is written', () => {
  it.each([
    ['PushChallengeValidityTime', '60', '60'],
    ['PushChallengeValidityTime', ' 600 ', '600'],
    ['PushChallengeFinalizeGrace', '0', '0'],
    ['splitAtSign', 'False', 'False'],
    ['IncFailCountOnFalsePin', 'True', 'True'],
    ['failcounter_clear_timeout', '0', '0'],
    ['PolicyTimeZone', 'Europe/Berlin', 'Europe/Berlin'],
    ['OverrideAuthorizationClient', '10.0.0.0/8', '10.0.0.0/8'],
    ['failcounter_clear_timeout', '5', '5'],
  ])('is accepted: %s = %j', (key, value, kept) => {
    expect(checkSystemSetting(key, value)).toEqual({ ok: true, value: kept })
  })

  it.each([
    ['PushChallengeValidityTime', '0', "'0' is not a whole number from 1 to 600"],
    ['PushChallengeValidityTime', '601', "'601' is not a whole number from 1 to 600"],
    ['PushChallengeFinalizeGrace', '1e2', "'1e2' is not a whole number from 0 to 600"],
    ['DefaultMaxFailCount', '', "'' is not a whole number from 1 to 1000"],
    ['splitAtSign', 'maybe', "'maybe' is not True or False"],
    ['splitAtSign', 'untrue', "'untrue' is not True or False"],
    ['splitAtSign', 'truest', "'truest' is not True or False"],
    ['splitAtSign', 'falsehood', "'falsehood' is not True or False"],
    ['PolicyTimeZone', 'Mars/Olympus', "'Mars/Olympus' is not a time zone such as Europe/Berlin"],
    ['IncFailCountOnFalsePin', 'False', "'False' is not True: Nod counts every wrong PIN"],
    ['failcounter_clear_timeout', '-1', "'-1' is not a whole number from 0 to 525600"],
    [
      'OverrideAuthorizationClient',
      'the office',
      "'the office' is not addresses or networks of proxies and services, such as 10.1.2.3, 10.0.0.0/8 > 192.168.0.0/16",
    ],
    ['PrependPin', 'True', 'Nod has no such setting'],
    ['__proto__', 'x', 'Nod has no such setting'],
  ])('is refused, naming it: %s = %j', (key, value, why) => {
    expect(checkSystemSetting(key, value)).toEqual({
      ok: false,
      refusal: { reason: 'parameter_invalid', name: key, why },
    })
  })
})

it('the API’s description names all system settings and no other', () => {
  const described = Object.values(parseSettings.schemas).flatMap(({ shape }) => Object.keys(shape))
  expect(described.toSorted()).toEqual(SYSTEM_SETTINGS.toSorted())
})
