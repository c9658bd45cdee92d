import { describe, expect, it } from 'vitest'
import { removeUsers } from '../../scripts/load/test-users.ts'
import { NodClient } from '../../scripts/nod/client.ts'

/** A deployment that lists these tokens, and what is asked of it. */
class Deployment extends NodClient {
  readonly changes: string[] = []
  #tokens: readonly object[]

  constructor(tokens: readonly object[]) {
    super('https://nod.example')
    this.#tokens = tokens
  }

  override async get(path: string): Promise<unknown> {
    return path === '/token/' ? { tokens: this.#tokens } : []
  }

  override async fetch(method: string, path: string): Promise<Response> {
    this.changes.push(`${method} ${path}`)
    if (path.startsWith('/token/')) this.#tokens = []
    return Response.json({ result: { status: true, value: 1 } })
  }
}

describe('the removal of test users', () => {
  it.each(['corp', 'load-*', 'load-1,corp', 'load-a/../corp', 'load-'])(
    'refuses %s, which is no load',
    async (name) => {
      const deployment = new Deployment([])
      await expect(removeUsers(deployment, name)).rejects.toThrow('is no load')
      expect(deployment.changes).toEqual([])
    },
  )

  it.each([
    { serial: 'PIPU1', username: 'ada', user_realm: 'load-balancer' },
    { serial: 'PIPU1', username: 'user1', user_realm: 'corp' },
  ])('removes nothing while the realm has a token that no load has made: %o', async (token) => {
    const deployment = new Deployment([{ ...token, username: 'user1', user_realm: 'load-balancer' }, token])
    await expect(removeUsers(deployment, 'load-balancer')).rejects.toThrow('PIPU1')
    expect(deployment.changes).toEqual([])
  })

  it('removes what a load has made', async () => {
    const deployment = new Deployment([{ serial: 'PIPU1', username: 'user1', user_realm: 'load-1' }])
    await removeUsers(deployment, 'load-1')
    expect(deployment.changes).toContain('DELETE /token/PIPU1')
    expect(deployment.changes).toContain('DELETE /policy/load-1')
  })
})
