import { describe, expect, it } from 'vitest'
import {
  answeredHeaders,
  isForeignToken,
  passedHeaders,
  passedPath,
} from '../../../src/protocol/upstream/passed-request.ts'

const base64 = (fields: object): string => Buffer.from(JSON.stringify(fields)).toString('base64url')
const jwt = (header: object): string => `${base64(header)}.${base64({ username: 'ada' })}.c2lnbmF0dXJl`
const THEIRS = jwt({ alg: 'HS256', typ: 'JWT' })
const OURS = jwt({ alg: 'HS256', typ: 'JWT', kid: '0123456789abcdef' })
/** What the upstream gets in any case. */
const NOTHING = { 'x-forwarded-for': '203.0.113.7', 'nod-passed': '1' }
const passed = (headers: Readonly<Record<string, string>>, addressHeader?: string) =>
  passedHeaders(Object.entries(headers), { address: '203.0.113.7', addressHeader })

describe('a path', () => {
  it.each([
    ['/container/CONT1', '/container/CONT1'],
    ['//validate//check/', '/validate/check/'],
    ['/s/nod_key/validate/check', '/validate/check'],
    ['/user/reso/j%C3%BCrgen%40realm', '/user/reso/j%C3%BCrgen%40realm'],
  ])('%s is passed as %s', (path, expected) => {
    expect(passedPath(path)).toBe(expected)
  })

  it.each([
    '/s/nod_key',
    '/deployment/upstream',
    '/apikey/x',
    '/..%2fadmin',
    '/%2e%2e/admin',
    '/..;/admin',
    '/validate/%63heck',
    '/validate/%2563heck',
    '/validate/check%00',
    '/validate%5ccheck',
    '/a%0d%0aX: y',
    '/%c0%ae%c0%ae/admin',
    '/../admin',
    `/${'a'.repeat(2000)}`,
  ])('%s is not', (path) => {
    expect(passedPath(path)).toBeUndefined()
  })
})

describe('headers', () => {
  it('about the request are passed', () => {
    const headers = {
      Accept: 'application/json',
      'Accept-Language': 'de',
      'User-Agent': 'PAM/1',
      Origin: 'https://a',
      'X-Own': '1',
    }
    expect(passed(headers)).toEqual({
      accept: 'application/json',
      'accept-language': 'de',
      'user-agent': 'PAM/1',
      origin: 'https://a',
      'x-own': '1',
      'x-forwarded-for': '203.0.113.7',
      'nod-passed': '1',
    })
  })

  it('of the connection and of the way to Nod are not, in whatever spelling', () => {
    const headers = {
      Connection: 'close, X-Hop',
      'X-Hop': '1',
      'Keep-Alive': '1',
      'Transfer-Encoding': 'chunked',
      'Content-Length': '5',
      TE: 'trailers',
      Upgrade: 'websocket',
      Host: 'evil.example',
      Expect: '100-continue',
      'X-Forwarded-For': '198.51.100.1',
      X_Forwarded_For: '198.51.100.1',
      'X-Forwarded-Host': 'evil.example',
      Forwarded: 'for=198.51.100.1',
      'X-Real-IP': '198.51.100.1',
      'CF-Connecting-IP': '198.51.100.1',
      'X-Client': '198.51.100.1',
      'X-Original-URL': '/admin',
      'Remote-User': 'admin',
      'X-Remote-User': 'admin',
      REMOTE_USER: 'admin',
      Cookie: 'session=1',
      'Nod-Own-Request': '1',
      'Nod-Passed': '2',
    }
    expect(passed(headers, 'X-Client')).toEqual(NOTHING)
  })

  it('with a credential are passed only if it is an API token that Nod did not issue', () => {
    expect(passed({ Authorization: THEIRS })).toMatchObject({ authorization: THEIRS })
    expect(passed({ 'PI-Authorization': `Bearer ${THEIRS}` })).toMatchObject({ 'pi-authorization': `Bearer ${THEIRS}` })
    for (const text of [
      OURS,
      `Bearer ${OURS}`,
      'nod_0123456789',
      'Basic YWRtaW46cHc=',
      'a.b.c',
      'Zm9v=.b.c',
      'Zm9v==.b.c',
      'x',
      '',
    ])
      expect(passed({ Authorization: text, 'PI-Authorization': text })).toEqual(NOTHING)
    expect(isForeignToken(jwt({ alg: 'RS256', kid: 'a key of another issuer' }))).toBe(true)
  })

  it('of the answer are those that mean something to its caller, and a page of the upstream’s does nothing', () => {
    const headers = new Headers({
      'Content-Type': 'text/html',
      'Set-Cookie': 'session=1',
      'Access-Control-Allow-Origin': '*',
      'Content-Security-Policy': "script-src 'unsafe-inline'",
      'Service-Worker-Allowed': '/',
      'Clear-Site-Data': '"*"',
      'Content-Length': '7',
      Refresh: '0; url=https://evil.example',
      Location: 'https://old.example/pi/token/',
    })
    expect(answeredHeaders(headers, 'https://old.example/pi')).toEqual({
      'content-type': 'text/html',
      location: '/token/',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
  })

  it.each([
    'https://evil.example/',
    '//evil.example/',
    'https://old.example/other',
    'https://old.example/pi//evil.example',
    // A browser takes a backslash for a slash.
    '/\\evil.example/',
    'https://old.example/pi/\\evil.example',
  ])('tell of no redirection to %s', (location) => {
    expect(answeredHeaders(new Headers({ location }), 'https://old.example/pi')).not.toHaveProperty('location')
  })
})
