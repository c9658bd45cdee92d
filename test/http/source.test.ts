import { describe, expect, it } from 'vitest'
import { sourceOf, withAddressClaims } from '../../src/http/source.ts'
import type { Limits } from '../../src/ports/ports.ts'

const NOD = 'https://nod.example/auth'

const source = (headers: Record<string, string>, limits: Partial<Limits>, cf?: Record<string, string>) =>
  sourceOf({ headers: new Headers(headers), cf }, new URL(NOD), {
    onCloudflare: false,
    jurisdiction: undefined,
    addressHeader: undefined,
    ...limits,
  })

describe('the address of a caller', () => {
  it('is 127.0.0.1 where no header is believed, whatever the headers say', () => {
    const headers = { 'CF-Connecting-IP': '203.0.113.9', 'X-Forwarded-For': '203.0.113.9', 'X-Real-IP': '203.0.113.9' }
    expect(source(headers, { addressHeader: undefined }).address).toBe('127.0.0.1')
  })

  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8::7', '2001:db8::7'],
    ['198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['198.51.100.1 ,  203.0.113.9 ', '203.0.113.9'],
    ['', '127.0.0.1'],
    [',', '127.0.0.1'],
    ['x'.repeat(1000), 'x'.repeat(64)],
  ])('is what the nearest proxy has written: of %j, %j', (header, address) => {
    expect(source({ 'X-Real-IP': header }, { addressHeader: 'X-Real-IP' }).address).toBe(address)
  })
})

describe('the region of a caller', () => {
  const japan = { continent: 'AS', longitude: '139' }

  it('is Cloudflare’s word', () => {
    expect(source({}, { onCloudflare: true }, japan).region).toBe('apac')
  })

  it('is the nearest inside of a jurisdiction', () => {
    expect(source({}, { onCloudflare: true, jurisdiction: 'us' }, japan).region).toBe('wnam')
    expect(source({}, { onCloudflare: false, jurisdiction: 'us' }, japan).region).toBe('enam')
  })

  it('is not asked for elsewhere, where a caller could send it', () => {
    expect(source({}, { onCloudflare: false }, japan).region).toBe('weur')
  })
})

describe('what a request claims of the way it came', () => {
  const claimsOf = (headers: Record<string, string>, client?: string, path = '/validate/check') =>
    withAddressClaims(source(headers, {}), client, path).claims

  it('is nothing without a header and a parameter', () => {
    expect(claimsOf({})).toBeUndefined()
  })

  it('is the hops, nearest first, and the first address of the parameter', () => {
    const headers = { 'X-Forwarded-For': '192.0.2.1, 10.0.0.9' }
    const claims = { forwarded: ['10.0.0.9', '192.0.2.1'], client: '203.0.113.5', isRadius: false }
    expect(claimsOf(headers, '203.0.113.5, 203.0.113.6')).toEqual(claims)
  })

  it.each([
    ['FreeRADIUS', '/validate/check', true],
    ['', '/validate/radiuscheck', true],
    ['privacyidea-cp/3.6', '/validate/check', false],
  ])('is that of a RADIUS server: %o at %s %o', (userAgent, path, isRadius) => {
    expect(claimsOf({ 'User-Agent': userAgent }, '192.0.2.1', path)?.isRadius).toBe(isRadius)
  })
})
