import { expect, it } from 'vitest'
import { servesOwnMachine, webhookAddressFault } from '../../../src/rules/deployment/webhook-address.ts'
import { hears } from '../../../src/rules/deployment/webhooks.ts'
import { SECURITY_EVENT_TYPES } from '../../../src/vocabulary/security-events.ts'

it('a webhook of the deployment hears of everything, or of the types that it names', () => {
  for (const type of SECURITY_EVENT_TYPES) {
    expect(hears({ isActive: true }, { type })).toBe(true)
    expect(hears({ isActive: true }, { type, service: 'vpn' })).toBe(true)
    expect(hears({ isActive: true, events: ['lockout'] }, { type })).toBe(type === 'lockout')
  }
})

it('a webhook of a service key hears of the logins of its own, and of nothing else', () => {
  for (const type of SECURITY_EVENT_TYPES) {
    expect(hears({ isActive: true, service: 'vpn' }, { type, service: 'vpn' })).toBe(true)
    expect(hears({ isActive: true, service: 'vpn' }, { type, service: 'VPN' })).toBe(false)
    expect(hears({ isActive: true, service: 'vpn' }, { type })).toBe(false)
    expect(hears({ isActive: false, service: 'vpn' }, { type, service: 'vpn' })).toBe(false)
    expect(hears({ isActive: true, service: 'vpn', events: ['not_me'] }, { type, service: 'vpn' })).toBe(
      type === 'not_me',
    )
  }
})

it.each([
  'https://events.example.com/nod?tenant=4',
  'https://events.example.com:8443/',
  'https://93.184.216.34/',
  'https://[2606:2800:220:1:248:1893:25c8:1946]/',
  'https://100.63.255.255/',
  'https://172.32.0.1/',
])('a webhook may have the address %s', (url) => {
  expect(webhookAddressFault(url, false)).toBeUndefined()
})

it.each([
  'http://events.example.com/',
  'ftp://events.example.com/',
  'javascript:alert(1)',
  'events.example.com',
  '',
  'https://',
  `https://events.example.com/${'a'.repeat(2048)}`,
  'https://ada:secret@events.example.com/',
  'https://ada@events.example.com/',
  'https://events.example.com/#fragment',
  // Private and special addresses, in every spelling that a URL parser understands.
  'https://127.0.0.1/',
  'https://127.1/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0177.0.0.1/',
  'https://10.1.2.3/',
  'https://172.16.0.1/',
  'https://192.168.1.1/',
  'https://169.254.169.254/latest/meta-data/',
  'https://100.64.0.1/',
  'https://0.0.0.0/',
  'https://255.255.255.255/',
  'https://224.0.0.1/',
  'https://198.18.0.1/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:10.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[fe80::1]/',
  'https://[fd00::1]/',
  'https://[64:ff9b::a00:1]/',
  'https://[2002:a00:1::]/',
  'https://[2001::1]/',
  'https://[2001:db8::1]/',
  'https://[ff02::1]/',
  // Names that no public receiver has.
  'https://localhost/',
  'https://LOCALHOST./',
  'https://nod.localhost/',
  'https://printer.local/',
  'https://metadata.google.internal/',
  'https://router.lan/',
  'https://intranet/',
  'https://com./',
  'https://router.home.arpa/',
])('a webhook may not have the address %s', (url) => {
  expect(webhookAddressFault(url, false)).toBeDefined()
})

it('a Nod that serves its own machine only may reach receivers there, over http too', () => {
  for (const url of ['http://127.0.0.1:9000/', 'http://localhost:9000/', 'https://[::1]/']) {
    expect(webhookAddressFault(url, true), url).toBeUndefined()
    expect(webhookAddressFault(url, false), url).toBeDefined()
  }
  for (const url of [
    'http://10.0.0.1/',
    'https://10.0.0.1/',
    'http://events.example.com/',
    'ftp://127.0.0.1/',
    'http://a:b@127.0.0.1/',
  ])
    expect(webhookAddressFault(url, true), url).toBeDefined()
  expect(servesOwnMachine({ onCloudflare: false }, 'http://127.0.0.1:8787')).toBe(true)
  expect(servesOwnMachine({ onCloudflare: true }, 'http://127.0.0.1:8787')).toBe(false)
  expect(servesOwnMachine({ onCloudflare: false }, 'https://nod.example')).toBe(false)
})
