import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { connect } from '../../src/connect.ts'
import type { Nonce, Serial } from '../../src/vocabulary.ts'

const OTHER = btoa('another root secret of 32 bytes!')
const [serial, shard] = ['PIPU0001' as Serial, { region: 'weur', number: 1 }] as const
const having = (settings: Readonly<Record<string, string>>): Env => Object.assign({}, env, settings)

it('after a rotation of the master key, what the old key made is still valid, and new values use the new key', async () => {
  const before = await connect(env)
  const during = await connect(having({ MASTER_KEY: OTHER, MASTER_KEY_PREVIOUS: env.MASTER_KEY }))
  const after = await connect(having({ MASTER_KEY: OTHER }))

  /** Which of the three accept what this one makes. The id has its own seed, because one in 65,536 fits another key by chance. */
  async function madeBy({ pins, identifiers }: typeof before): Promise<readonly boolean[][]> {
    const sealed = await pins.seal(serial, '1234')
    const id = await identifiers.draw(shard, Uint8Array.of(1, 2, 3, 4, 5))
    const nonce: Nonce = await identifiers.nonceFor(id, new Uint8Array(32))
    return Promise.all(
      [before, during, after].map(async (reader) => [
        await reader.pins.matches(serial, sealed, '1234'),
        (await reader.identifiers.locate(id)) !== undefined,
        (await reader.identifiers.transactionOf(nonce))?.id === id,
      ]),
    )
  }

  const [all, none] = [
    [true, true, true],
    [false, false, false],
  ]
  expect(await madeBy(before)).toEqual([all, all, none])
  expect(await madeBy(during)).toEqual([none, all, all])
})
