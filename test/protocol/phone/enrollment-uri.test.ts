import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DIALECTS } from '../../../src/protocol/phone/dialect.ts'
import { enrollmentUri, normalizeRegistrationUrl } from '../../../src/protocol/phone/enrollment-uri.ts'
import { exchange } from '../recordings.ts'

/** The recorded URI and credential of a variant. */
function recorded(label: string) {
  const detail = exchange('02-enroll-uri-variants', label).response.json?.detail ?? {}
  return {
    value: detail.pushurl?.value,
    credential: String(detail['enrollment_credential']),
    serial: String(detail['serial']),
  }
}

const plain = {
  scheme: 'otpauth',
  url: 'https://pi.example.com/ttype/push',
  ttlMinutes: 10,
  issuer: 'privacyIDEA',
  sslVerify: true,
  pollOnly: false,
  pinLock: false,
} as const

const image = 'https://pi.example.com/logo.png'

describe('an enrollment URI', () => {
  it.each([
    ['ttl default', {}],
    ['ttl 3', { ttlMinutes: 3 }],
    ['poll only', { pollOnly: true }],
    ['sslverify 0', { sslVerify: false }],
    ['pia scheme', { scheme: 'pia' }],
    ['force app pin', { pinLock: true }],
    ['app_force_unlock biometric', { forceUnlock: 'biometric' }],
    ['app_force_unlock pin + force_app_pin', { pinLock: true, forceUnlock: 'pin' }],
    ['image', { image }],
    ['label and issuer', { label: 'alice@realm1/PIPU00002B10 Alice Anders', issuer: 'ACME realm1 GmbH & Co' }],
    ['old label tags', { label: 'alice@realm1/PIPU00002B11', issuer: 'Ärger AG' }],
    ['registration url with query', { url: 'https://pi.example.com:8443/a b/ttype/push?x=1&y=2' }],
    [
      'everything',
      {
        scheme: 'pia',
        label: 'alice',
        issuer: 'ACME',
        ttlMinutes: 5,
        sslVerify: false,
        pollOnly: true,
        pinLock: true,
        forceUnlock: 'any',
        image,
      },
    ],
  ] as const)('is as recorded, byte for byte: %s', (label, changes) => {
    const { value, ...token } = recorded(label)
    expect(enrollmentUri(DIALECTS.push, { ...plain, label: token.serial, ...token, ...changes })).toBe(value)
  })

  it('of eduMFA has its own scheme, and no parameters that its app does not know', () => {
    const token = { label: 'alice@realm1/EDUP1', serial: 'EDUP1', credential: 'c0ffee', image }
    const uri = {
      ...plain,
      issuer: 'eduMFA',
      pinLock: true,
      forceUnlock: 'any',
      pollOnly: true,
      scheme: 'pia',
      ...token,
    } as const
    expect(enrollmentUri(DIALECTS.edupush, uri)).toBe(
      'edumfa-push://edumfa/alice%40realm1/EDUP1?url=https%3A//pi.example.com/ttype/push&ttl=10&issuer=eduMFA' +
        '&enrollment_credential=c0ffee&image=https%3A//pi.example.com/logo.png&v=1&serial=EDUP1&sslverify=1&pin=True',
    )
  })

  it('percent-encodes the characters that Python does', () => {
    const uri = enrollmentUri(DIALECTS.push, {
      ...plain,
      label: "a!b'(c)*~\ud800",
      serial: 'S',
      credential: 'c',
      image: '',
    })
    expect(uri).toMatch(/^otpauth:\/\/pipush\/a%21b%27%28c%29%2A~%EF%BF%BD\?url=/)
    expect(uri).not.toContain('image')
  })
})

describe('a registration URL', () => {
  it.each([
    ['https://mfa.example.org/ttype/push', 'https://mfa.example.org/ttype/push'],
    ['HTTPS://MFA.Example.ORG:443/ttype/push', 'https://mfa.example.org/ttype/push'],
    ['http://mfa.example.org:80', 'http://mfa.example.org/'],
    ['https://mfa.example.org:8443/a b/../c/./%7Euser?x=%3d&y= ', 'https://mfa.example.org:8443/c/~user?x=%3D&y='],
    ['https://mfa.example.org/a b?q=a b&c=[1]', 'https://mfa.example.org/a%20b?q=a%20b&c=%5B1%5D'],
    ['https://mfa.example.org/ä^{}"%zz', 'https://mfa.example.org/%C3%A4%5E%7B%7D%22%25zz'],
    ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
    ['https://[2001:DB8::1]:9/x', 'https://[2001:db8::1]:9/x'],
    ['  https://mfa.example.org/x  ', 'https://mfa.example.org/x'],
    ['https://mfa.example.org/x?', 'https://mfa.example.org/x'],
  ])('%s is %s', (text, normal) => {
    expect(normalizeRegistrationUrl(text)).toBe(normal)
  })

  it.each([
    '',
    'mfa.example.org/ttype/push',
    'ftp://mfa.example.org/',
    'javascript:alert(1)',
    'https://',
    'https://user:secret@mfa.example.org/',
    'https://user@mfa.example.org/',
    'https://:secret@mfa.example.org/',
    'https://mfa.example.org/#part',
    'https://mfa.example.org/a|b',
    'https://mfa.example.org/a\nb',
    'https://mfa"example.org/',
    'https://mfa.example.org:99999/',
    `https://mfa.example.org/${'x'.repeat(500)}`,
  ])('%j has no normal form', (text) => {
    expect(normalizeRegistrationUrl(text)).toBeUndefined()
  })

  it('does not change when it is normalized again, and has no character that Dart would change', () => {
    const units = [...'aZ09.-~_/?&=%:@!$\'()*+,;[]{}^`"<> é漢\\'.split(''), '%2e', '%41', '%3a', '%c3']
    const parts = fc.string({ unit: fc.constantFrom(...units), maxLength: 40 })
    fc.assert(
      fc.property(fc.constantFrom('http', 'HTTPS'), fc.webAuthority(), parts, (scheme, authority, rest) => {
        const normal = normalizeRegistrationUrl(`${scheme}://${authority}/${rest}`)
        if (normal === undefined) return
        expect(normalizeRegistrationUrl(normal)).toBe(normal)
        // RFC 3986: path and query of pchar, slash and question mark; no escape of an unreserved character or in lower case
        const [, path = '', query = ''] = /^https?:\/\/[^/]+(\/[^?]*)(\?.*)?$/.exec(normal) ?? []
        expect(path + query).toMatch(/^(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})+$/)
        const escapes = (path + query).match(/%[0-9A-F]{2}/g) ?? []
        for (const escape of escapes)
          expect(decodeURIComponent(escape.replace(/%[89A-F]./, '%25'))).not.toMatch(/[\w.~-]/)
        expect(path).not.toMatch(/\/\.{1,2}(?:\/|$)/)
      }),
      { numRuns: 500 },
    )
  })
})
