import { afterEach, beforeEach, expect, it } from 'vitest'
import { nod as command } from '../served/nod-command.ts'
import { Service } from '../simulation/service.ts'
import { ADMIN, RestorableNod } from './restorable-nod.ts'

let nod: RestorableNod
beforeEach(async () => {
  nod = new RestorableNod()
  await nod.start()
})
afterEach(() => nod.remove())

const health = async () => (await nod.service.call('GET', '/healthz', { query: { deep: '1' } })).text
const lostChanges = (...options: readonly string[]) => command(['restored', ...options], { NOD_URL: nod.url, ...ADMIN })

it('the database was put back to an earlier state: logins go by it at once, and the changes that it has lost are listed and made again', async () => {
  const ada = await nod.enroll('ada', 'first')
  const bob = await nod.enroll('bob', '1111')
  const carla = await nod.enroll('carla', '2222')
  const dora = await nod.enroll('dora', '3333')
  const eve = await nod.enroll('eve', '4444')
  await nod.service.setPolicy('old', 'authentication', { push_wait: '1' }, { user: ['nobody'] })
  await nod.service.call('POST', '/apikey', { form: { name: 'vpn', role: 'validate' } })
  await nod.service.call('POST', '/administrator', {
    form: { login: 'hedy', password: 'long enough by far', role: 'admin' },
  })
  expect(await nod.logIn(ada, 'first')).toBe('ACCEPT')
  await nod.backUp()

  for (const pin of ['second', 'third', 'fourth']) await nod.setPin(ada.serial, pin)
  expect(await nod.logIn(ada, 'fourth')).toBe('ACCEPT')
  expect(await nod.logIn(ada, 'wrong')).not.toBe('ACCEPT')
  await nod.service.deleteToken(bob.serial)
  await nod.service.call('POST', `/token/disable/${carla.serial}`)
  const other = await nod.enroll('dora', '3333', dora.serial)
  expect(await nod.logIn(other, '3333')).toBe('ACCEPT')
  await nod.service.call('POST', '/token/unassign', { form: { serial: eve.serial } })
  await nod.service.call('POST', '/token/assign', { form: { serial: eve.serial, user: 'frida' } })
  await nod.service.deletePolicy('old')
  await nod.service.call('DELETE', '/apikey/vpn')
  await nod.service.call('POST', '/administrator/disable/hedy')
  const late = await nod.enroll('gina', '5555')
  await nod.putBack('d1')

  expect(await nod.logIn(ada, 'first')).toBe('ACCEPT')
  expect(await nod.logIn(ada, 'fourth')).toMatch(/wrong/i)
  expect(await nod.logIn(dora, '3333')).toBe('ACCEPT')
  expect(nod.output).toContain('"event":"catalogue_restored"')
  // The API token of before it was noticed is void.
  expect((await nod.service.call('GET', '/policy/')).status).toBe(401)
  await nod.service.auth('admin', 'adminpw-of-tests')
  expect(JSON.parse(await health())).toMatchObject({ status: 'attention' })

  const listed = await lostChanges()
  expect(listed.code).toBe(0)
  for (const line of [
    `by hand, or --disable  POST /token/setpin/<serial>  ${ada.serial}`,
    `--repeat               DELETE /token/<serial>  ${bob.serial}`,
    `--repeat               POST /token/disable/<serial>  ${carla.serial}`,
    `by hand, or --disable  register phone  ${dora.serial}`,
    `by hand, or --disable  POST /token/assign  ${eve.serial}`,
    `--repeat               DELETE /policy/<name>  old`,
    `--repeat               DELETE /apikey/<name>  vpn`,
    `--repeat               POST /administrator/disable/<login>  hedy`,
    `by hand                register phone  ${late.serial}`,
  ])
    expect(listed.stdout).toContain(line)
  expect(listed.stdout.match(/setpin/g)).toHaveLength(1)

  // Somebody deals with Eve's token by hand.
  await nod.service.call('POST', `/token/disable/${eve.serial}`)
  const done = await lostChanges('--repeat', '--disable', '--acknowledge')
  expect(done).toMatchObject({ code: 0 })
  await nod.service.auth('admin', 'adminpw-of-tests')
  expect(await nod.service.call('GET', '/token/', { query: { serial: bob.serial } })).toMatchObject({
    value: { count: 0 },
  })
  for (const { serial } of [ada, carla, dora, eve]) expect(await nod.token(serial)).toMatchObject({ active: false })
  expect((await nod.service.call('GET', '/apikey')).value).toEqual([])
  expect(JSON.stringify((await nod.service.call('GET', '/policy/')).value)).not.toContain('"old"')
  expect(JSON.parse(await health())).toMatchObject({ status: 'ok' })
  expect((await lostChanges()).stdout).toMatch(/acknowledged by admin/)

  // A stranger learns nothing of it.
  const stranger = new Service({ baseUrl: nod.url })
  expect((await stranger.call('GET', '/healthz', { query: { deep: '1' } })).status).toBe(401)
  expect((await stranger.call('GET', '/healthz')).text).toMatch(/^\{"status":"ok","version":"[^"]+"\}$/)
  expect((await stranger.call('GET', '/deployment/lost-changes')).status).toBe(401)
})
