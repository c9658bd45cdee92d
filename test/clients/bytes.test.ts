import { afterAll, beforeAll, expect, it } from 'vitest'
import { CannedServer } from './canned-server.ts'
import { preflight } from './app-ios-preflight.ts'
import { FreeRadius } from './freeradius.ts'
import { Keycloak } from './keycloak-java.ts'
import { PamPython } from './pam-python.ts'
import { PhpClient } from './php-client.ts'
import { PrivacyideaPam } from './privacyidea-pam.ts'

const server = new CannedServer()
let url = ''

beforeAll(async () => {
  url = await server.start()
})
afterAll(() => server.stop())

it('java-client encodes twice', async () => {
  await new Keycloak({ url, realm: 'r' }).validateCheck('ö b', 'p%+', '01')
  expect(server.lines()).toEqual([
    'POST /mfa/validate/check HTTP/1.1',
    'User-Agent: privacyIDEA-Keycloak/1.8.0 Keycloak/26.4.0',
    'accept-language: en-US,en;q=0.5',
    'Content-Type: application/x-www-form-urlencoded',
    'Connection: Keep-Alive',
    'Accept-Encoding: gzip',
    '',
    'user=%25C3%25B6%2Bb&pass=p%2525%252B&realm=r&transaction_id=01',
  ])
})

it('php-client posts multipart and encodes nothing', async () => {
  const client = new PhpClient({ url })
  await client.validateCheck('ö b', 'p%+')
  expect(
    server.sent
      .replaceAll(/-{20,}[0-9a-f]+/g, 'BOUNDARY')
      .split('\r\n')
      .slice(5),
  ).toEqual([
    'Content-Type: multipart/form-data; boundary=BOUNDARY',
    '',
    'BOUNDARY',
    'Content-Disposition: form-data; name="user"',
    '',
    'ö b',
    'BOUNDARY',
    'Content-Disposition: form-data; name="pass"',
    '',
    'p%+',
    'BOUNDARY--',
    '',
  ])
  await client.pollTransaction('01')
  expect(server.lines()[0]).toBe('GET /mfa/validate/polltransaction?transaction_id=01& HTTP/1.1')
})

it('FreeRADIUS encodes user and password before the form does, and unpacks its state', async () => {
  await new FreeRadius({ url, realm: 'r' }).access({ userName: 'ö b', userPassword: 'p%+', state: '0x3031' })
  expect(server.lines().slice(1, 5)).toEqual([
    'TE: deflate,gzip;q=0.3',
    'Connection: TE, close',
    'User-Agent: FreeRADIUS',
    'Content-Type: application/x-www-form-urlencoded',
  ])
  expect(server.lines().at(-1)?.split('&').toSorted()).toEqual([
    'client=127.0.0.1',
    'pass=p%2525%2B',
    'realm=r',
    'state=01',
    'user=%25C3%25B6%2520b',
  ])
})

it('privacyidea-pam sorts its parameters and encodes once', async () => {
  const module = new PrivacyideaPam({ url, realm: 'r', first: 'sendPassword' })
  expect(await module.authenticate({ user: 'ö b', password: 'p%+' })).toBe('PAM_SUCCESS')
  expect(server.lines()).toEqual([
    'POST /mfa/validate/check HTTP/1.1',
    'Accept: */*',
    'User-Agent: PAM/1.1.0',
    'Content-Type: application/x-www-form-urlencoded',
    '',
    'pass=p%25%2B&realm=r&user=%C3%B6%20b',
  ])
})

it('pam_python writes spaces as +', async () => {
  expect(await new PamPython({ url, realm: 'r' }).authenticate({ user: 'ö b', ask: () => 'p%+' })).toBe('PAM_SUCCESS')
  expect(server.lines()).toEqual([
    'POST /mfa/validate/check HTTP/1.1',
    'user-agent: PAM/2.15.0',
    'Accept-Encoding: gzip, deflate',
    'Accept: */*',
    'Connection: keep-alive',
    'Content-Type: application/x-www-form-urlencoded',
    '',
    'user=%C3%B6+b&pass=p%25%2B&realm=r',
  ])
})

it('the app posts nothing', async () => {
  await preflight(url)
  expect(server.sent).toMatch(
    /^POST \/mfa HTTP\/1\.1\r\nuser-agent: privacyIDEA-App\/4\.8\.0 ios.*content-length: 0\r\n.*\r\n\r\n$/s,
  )
})
