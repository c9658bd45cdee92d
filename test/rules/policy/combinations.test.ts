import { describe, expect, it } from 'vitest'
import { readSystemSettings } from '../../../src/rules/deployment/system-settings.ts'
import { authenticationPolicy } from '../../../src/rules/login/authentication-policy.ts'
import { checkEnrollmentForProfile, checkTokenForProfile, pinShortcoming } from '../../../src/rules/login/profile.ts'
import { type CombinedSettings, combinationFaults, faultsOfChange } from '../../../src/rules/policy/combinations.ts'
import { compilePolicies, type Situation } from '../../../src/rules/policy/policy-set.ts'
import { instant, type Policy, type Serial } from '../../../src/vocabulary.ts'
import { policy } from './sample-policy.ts'

const nist = policy('nist', { push_profile: 'nist-63b4' }, { realm: ['sales'], client: ['10.0.0.0/8'] })
const pass = policy('pass', { passOnNoToken: true })
const enroll = policy('enroll', { enroll_via_multichallenge: 'PUSH' })
const key = policy('key', { api_key_required: true }, { scope: 'authorization' })

const settings = (policies: readonly Policy[], rest: Partial<CombinedSettings> = {}): CombinedSettings => ({
  policies,
  system: readSystemSettings({}),
  publicUrl: undefined,
  anonymousCheck: true,
  ...rest,
})
const named = (...found: Parameters<typeof combinationFaults>) =>
  combinationFaults(...found).map(({ policies }) => policies.join(' '))

describe('an enrollment during a login by callers without a key', () => {
  it('is found only while such callers may check', () => {
    expect(named(settings([pass, enroll]))).toEqual(['enroll pass'])
    expect(named(settings([pass, enroll], { anonymousCheck: false }))).toEqual([])
    expect(named(settings([pass, { ...enroll, active: false }]))).toEqual([])
  })

  it('is ruled out by a policy that requires a key of the same users, and of no fewer', () => {
    const both = (extra: Partial<Policy>) => [
      { ...pass, ...extra },
      { ...enroll, ...extra },
    ]
    expect(named(settings([...both({}), key]))).toEqual([])
    for (const narrow of [
      { realm: ['sales'] },
      { client: ['10.0.0.0/8'] },
      { time: 'Mon: 8-12' },
      { user: ['*', '!x'] },
    ])
      expect(named(settings([...both({}), { ...key, ...narrow }])), JSON.stringify(narrow)).toHaveLength(1)
    for (const narrow of [{ realm: ['sales'] }, { user: ['ada'] }, { client: ['10.0.0.0/8'] }])
      expect(named(settings([...both(narrow), { ...key, ...narrow }])), JSON.stringify(narrow)).toEqual([])
    expect(named(settings([...both({ realm: ['sales', 'lab'] }), { ...key, realm: ['sales'] }]))).toHaveLength(1)
  })
})

describe('a change', () => {
  it('answers for what it brings about and for what it writes, and for nothing else', () => {
    const old = settings([pass, enroll])
    const other = policy('other', { push_text_on_mobile: 'Hi' })
    expect(faultsOfChange(old, settings([pass, enroll, other]), ['other'])).toEqual([])
    expect(faultsOfChange(old, settings([pass, enroll]), ['pass'])).toHaveLength(1)
    expect(faultsOfChange(settings([pass, enroll, key]), settings([pass, enroll]), [])).toHaveLength(1)
  })
})

describe('an http address', () => {
  it('contradicts a profile, as the address of the deployment too, unless it leads nowhere', () => {
    const at = (publicUrl: string, ...more: readonly Policy[]) => named(settings([nist, ...more], { publicUrl }))
    expect(at('http://nod.example')).toEqual(['nist'])
    expect(at('https://nod.example')).toEqual([])
    for (const loopback of ['http://127.0.0.1:8787', 'http://[::1]:8787', 'http://localhost'])
      expect(at(loopback)).toEqual([])
    const url = (value: string) => policy('url', { push_registration_url: value }, { scope: 'enrollment' })
    // Where a policy names the address, PUBLIC_URL is none.
    expect(at('http://nod.example', url('https://nod.example/ttype/push'))).toEqual([])
    expect(at('https://nod.example', url('HTTP://nod.example/ttype/push'))).toEqual(['url nist'])
    expect(at('https://nod.example', { ...url('http://nod.example'), realm: ['lab'] })).toEqual([])
  })

  it('opens no login and enrolls no phone under a profile', () => {
    const situation: Situation = {
      owner: { login: 'ada', realm: 'sales' },
      address: '10.1.2.3',
      userAgent: '',
      now: instant(0),
    }
    const url = policy('url', { push_registration_url: 'http://nod.example' }, { scope: 'enrollment' })
    const set = compilePolicies([nist, url])
    const opened = authenticationPolicy(set, 'push', situation, readSystemSettings({}), true, 'en')
    const shortcoming = "push_registration_url=http://nod.example in the policy 'url'"
    const refused = { ok: false, refusal: { reason: 'profile_contradicted', profile: 'nist', shortcoming } }
    expect(opened).toEqual(refused)
    // An enrollment comes from another place than the login.
    const enrolled = { ttlMinutes: 10, sslVerify: true, registrationUrl: 'http://nod.example' }
    const elsewhere = { ...situation, address: '203.0.113.1' }
    expect(checkEnrollmentForProfile(set, elsewhere, enrolled, 'push')).toEqual(refused)
    const byDefault = checkEnrollmentForProfile(compilePolicies([nist]), elsewhere, enrolled, 'push')
    expect(JSON.stringify(byDefault)).toContain('push_registration_url=http://nod.example, which is the default')
    const owner = { login: 'ada', realm: 'lab' }
    expect(checkEnrollmentForProfile(set, { ...elsewhere, owner }, enrolled, 'push').ok).toBe(true)

    const token = { serial: 'PUSH1' as Serial, maxAttempts: 100, registrationUrl: 'http://nod.example/ttype/push' }
    expect(checkTokenForProfile(token, 'nist', undefined)).toMatchObject({ refusal: { profile: 'nist' } })
    expect(checkTokenForProfile(token, 'nist', 'https://nod.example/ttype/push').ok).toBe(true)
  })
})

describe('a PIN under a profile', () => {
  it('has eight characters or more, for the users whom the profile is about', () => {
    const set = compilePolicies([nist])
    const ada = { login: 'ada', realm: 'sales' }
    expect(pinShortcoming(set, ada, '1234567')).toContain("'nist'")
    expect(pinShortcoming(set, ada, 'ÄÖÜ€😀67')).toContain("'nist'")
    for (const pin of ['', 'eight-72']) expect(pinShortcoming(set, ada, pin)).toBeUndefined()
    expect(pinShortcoming(set, { login: 'ada', realm: 'lab' }, '1')).toBeUndefined()
    expect(pinShortcoming(set, undefined, '1')).toBeUndefined()
  })
})
