import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { Driver } from '../driver/driver.ts'
import { fields } from '../simulation/reply.ts'
import { nod } from './nod-command.ts'

const served = inject('served')
const environment = { NOD_URL: served.url, ADMIN_LOGIN: served.admin.login, ADMIN_PASSWORD: served.admin.password }
const command = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await nod(args, environment)
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}
let driver: Driver

beforeAll(async () => {
  driver = new Driver({ url: served.url }, { polled: 'commands' })
  await driver.signIn(served.admin)
  await driver.addRealms('fb1')
})
afterAll(async () => {
  await driver.signIn(served.admin)
  await driver.close()
})

it('npm run nod -- keys lists what signs, and the service keys, without a secret', async () => {
  await driver.enroll('lisa')
  const key = await driver.serviceKey('listed')
  await driver.caller({ authorization: key }).triggerchallenge({ user: 'nobody', realm: 'commands' })
  const listed = await command('keys')
  expect(listed).toMatch(/^API tokens:\n {2}[0-9a-f]{16} {2}made .*Z {2}(signs|verifies until .*Z)\n/)
  expect(listed).toMatch(/Prompts:\n {2}k2048-\d+ {2}made .*Z {2}\d+ tokens, and new ones\n/)
  expect(listed).toMatch(/ {2}commands-listed {2}validate {2}valid until revoked, last used (never|\d{4}-)/)
  expect(listed).not.toContain(key.slice(4, 20))
  await driver.revokeServiceKey('listed')
})

it('npm run nod -- rotate-api-token-key keeps API tokens, and with --compromised voids them', async () => {
  const before = driver.service.token ?? ''
  const isValid = async () => (await driver.caller({ authorization: before }).call('GET', '/policy/')).status === 200
  expect(await command('rotate-api-token-key')).toMatch(/stay valid until they expire\.\n$/)
  expect(await isValid()).toBe(true)
  expect(await command('rotate-api-token-key', '--compromised')).toMatch(/are void\.\n$/)
  expect(await isValid()).toBe(false)
  await driver.signIn(served.admin)
})

it('npm run nod -- rotate-signing-key gives new tokens a key, and deletes one that none has', async () => {
  const [, first = ''] = /signing key (\S+)\.\n$/.exec(await command('rotate-signing-key')) ?? []
  const refused = await nod(['rotate-signing-key', '--delete', first], environment)
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('rotate it first')])
  await command('rotate-signing-key')
  expect(await command('rotate-signing-key', '--delete', first)).toBe(`The signing key ${first} is deleted.\n`)
})

it('npm run nod -- rotate-service-key prints the new secret alone', async () => {
  const old = await driver.serviceKey('rotated')
  const next = await command('rotate-service-key', 'commands-rotated', '--overlap', '0', '--expires-in', '3600')
  expect(next).toMatch(/^nod_[\w-]{43}\n$/)
  const who = { user: 'nobody', realm: 'commands' }
  expect(await driver.caller({ authorization: old }).triggerchallenge(who)).toMatchObject({ status: 401 })
  expect((await driver.caller({ authorization: next.trim() }).triggerchallenge(who)).status).not.toBe(401)
  const { value } = await driver.service.call('GET', '/apikey')
  const item = (value as readonly unknown[]).map(fields).find((key) => key['name'] === 'commands-rotated')
  expect(Number(item?.['expires_at'])).toBeLessThanOrEqual(Date.now() + 3_600_000)
  const unknown = await nod(['rotate-service-key', 'no-such-key'], environment)
  expect([unknown.code, unknown.stdout]).toEqual([1, ''])
  await driver.revokeServiceKey('rotated')
})
