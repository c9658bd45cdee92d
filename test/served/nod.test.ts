import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { fields } from '../simulation/reply.ts'
import { Service } from '../simulation/service.ts'
import { nod } from './nod-command.ts'

const { url, admin } = inject('served')
const administrator = { ADMIN_LOGIN: admin.login, ADMIN_PASSWORD: admin.password }

let state = ''
beforeAll(() => {
  state = mkdtempSync(join(tmpdir(), 'nod-command-'))
  writeFileSync(join(state, 'secrets.json'), JSON.stringify(administrator))
})
afterAll(() => rmSync(state, { recursive: true, force: true }))

describe('npm run nod', () => {
  it.each([
    [[], 'A command is missing'],
    [['no-such-command'], 'There is no command no-such-command'],
    [['doctor', 'more'], "Unexpected argument 'more'"],
  ])('refuses %j as wrong use', async (args, fault) => {
    const { code, stdout, stderr } = await nod(args)
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: `${fault}; --help tells what this command takes\n`,
    })
  })

  it('takes the administrator from the environment, or from the state folder of a Nod on this machine', async () => {
    expect(await nod(['doctor', '--url', url], administrator)).toMatchObject({ code: 0, stderr: '' })
    expect(await nod(['doctor'], { NOD_URL: url, NOD_STATE: state })).toMatchObject({ code: 0, stderr: '' })
  })

  it('takes a service key of the role admin before the administrator', async () => {
    const service = new Service({ baseUrl: url })
    await service.auth(admin.login, admin.password)
    const key = async (role: string) =>
      String(fields((await service.call('POST', '/apikey', { form: { name: `cli-${role}`, role } })).value)['key'])
    const [able, unable] = [await key('admin'), await key('validate')]
    try {
      expect(await nod(['doctor', '--url', url], { NOD_KEY: able })).toMatchObject({ code: 0 })
      const refused = await nod(['doctor', '--url', url], { NOD_KEY: unable, ...administrator })
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/^\d of \d+ checks failed\n$/) })
      expect(refused.stdout).toMatch(
        /^ok {6}serves: .*\nFAILED {2}operator: GET \/system\/: .*\(HTTP 40[13], code \d+\)\n/,
      )
    } finally {
      for (const role of ['admin', 'validate']) await service.call('DELETE', `/apikey/cli-${role}`)
    }
  })

  it('sends the secrets of a state folder to no other machine', async () => {
    const seen: string[] = []
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`)
      response.end('OK')
    }).listen(0, '127.0.0.2')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    try {
      const { code, stdout } = await nod(['doctor', '--url', `http://127.0.0.2:${port}`], { NOD_STATE: state })
      expect(code).toBe(1)
      expect(stdout).toContain('No credential for')
      expect(seen.filter((line) => line.includes('/auth'))).toEqual([])
    } finally {
      server.close()
    }
  })

  it('says what does not answer, and never with the password', async () => {
    const { code, stdout, stderr } = await nod(['doctor', '--url', 'http://127.0.0.1:1'], administrator)
    expect(code).toBe(1)
    expect(stdout).toContain('http://127.0.0.1:1 does not answer GET /healthz')
    expect(stdout + stderr).not.toContain(admin.password)
    expect(await nod(['doctor', '--url', 'nod.example'])).toMatchObject({
      code: 1,
      stderr: 'nod.example is no address; expected one like https://nod.example\n',
    })
  })
})
