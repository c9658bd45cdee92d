import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runNode, root } from '../../scripts/lib/tools.mjs'
import { Service } from '../simulation/service.ts'
import { NodProcess } from './nod-process.ts'

let state = ''
beforeAll(() => {
  state = mkdtempSync(join(tmpdir(), 'nod-seed-'))
})
afterAll(() => rmSync(state, { recursive: true, force: true }))

const seed = (...options: string[]) => runNode([join(root, 'scripts/seed.ts'), '--state', state, ...options])

describe('npm run seed', () => {
  it(
    'fills a state folder that npm start serves, and mixes with nothing unless it is told to',
    { timeout: 90_000 },
    async () => {
      expect(await seed('--tokens', '300')).toMatchObject({ code: 0, stderr: '' })
      expect(await seed('--tokens', '300')).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/holds 300 tokens already: name another folder with --state, or say --add\n$/),
      })
      expect(await seed('--tokens', '50', '--add')).toMatchObject({ code: 0 })

      const nod = new NodProcess({ NOD_STATE: state, ADMIN_LOGIN: 'admin', ADMIN_PASSWORD: 'adminpw-of-tests' })
      try {
        const service = new Service({ baseUrl: await nod.url() })
        await service.auth('admin', 'adminpw-of-tests')
        const count = async (query: Record<string, string>) =>
          (await service.call('GET', '/token/', { query })).value as {
            count: number
            tokens: Record<string, unknown>[]
          }
        const { count: all, tokens } = await count({ user: 'ada.lovelace0', realm: 'sales' })
        expect(all).toBe(1)
        expect(tokens[0]).toMatchObject({ username: 'ada.lovelace0', user_realm: 'sales', rollout_state: 'enrolled' })
        expect((await count({})).count).toBe(350)
        expect((await service.call('GET', '/user/', { query: { surname: 'Hopper' } })).value).not.toEqual([])
        expect(await seed('--tokens', '1', '--add')).toMatchObject({
          code: 1,
          stderr: expect.stringContaining('in use'),
        })
      } finally {
        nod.kill('SIGTERM')
        await nod.ended()
      }
    },
  )

  it.each([[[]], [['--tokens', '0']], [['--tokens', 'many']], [['--tokens', '10000001']]])(
    'refuses %j',
    async (options) => {
      expect(await seed(...options)).toMatchObject({ code: 2, stderr: expect.stringContaining('--tokens: expected') })
    },
  )
})
