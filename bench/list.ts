/** `npm run bench:list`: measures how long a page of the token list takes over HTTP, with few tokens and with many. What it
 *  reads is counted by test/storage/token-list.slow.test.ts. */
import { rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { readNumbers, readOptions } from '../scripts/lib/command-line.mjs'
import { serve } from '../scripts/serve.mjs'
import { Client } from './client.ts'
import { FILTERS, PLACES, SEARCHES } from './token-list-queries.ts'
import { seed } from './seed.ts'

const USAGE = `Measures how long a page of the token list takes over HTTP.

  npm run bench:list [-- options]

  --tokens <numbers>    so many tokens are seeded (1000,1000000)
  --states <folders>    folders that \`npm run seed\` has filled, in place of --tokens`

const SIZE = 15
/** The median of so many is printed. */
const TRIES = 9

const { values: options } = readOptions(USAGE, {
  options: { tokens: { type: 'string', default: '1000,1000000' }, states: { type: 'string' } },
})

console.log(`${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}); pages of ${SIZE}\n`)
console.log('| filter | tokens in all | found | ms: first / middle / last page |\n| --- | --- | --- | --- |')
if (options.states === undefined)
  for (const tokens of readNumbers('tokens', options.tokens)) {
    const state = await seed(String(tokens), tmpdir())
    await measure(state)
    rmSync(state, { recursive: true, force: true })
  }
else for (const state of options.states.split(',')) await measure(state)

async function measure(state: string): Promise<void> {
  const admin = { username: 'admin', password: 'measured on this machine' }
  const nod = await serve({ PORT: '0', NOD_STATE: state, ADMIN_LOGIN: admin.username, ADMIN_PASSWORD: admin.password })
  const client = new Client(nod.url)
  const { value } = await client.call('auth', 'POST', '/auth', admin)
  const headers = { Authorization: (value as { token: string }).token }
  const page = async (query: string, number: number): Promise<number | undefined> => {
    const answer = await client.call('page', 'GET', `/token/?${query}&page=${number}`, undefined, headers)
    return answer.status === 200 ? (answer.value as { count: number }).count : undefined
  }
  const total = await page('', 1)
  for (const query of [...FILTERS.map((one) => one.query), ...SEARCHES]) {
    const count = await page(query, 1)
    const times: string[] = []
    for (const place of PLACES) {
      const taken: number[] = []
      for (let round = 0; round < TRIES; round += 1) {
        const before = performance.now()
        await page(query, place.page(count ?? 0, SIZE))
        taken.push(performance.now() - before)
      }
      times.push((taken.toSorted((one, other) => one - other)[Math.floor(TRIES / 2)] ?? 0).toFixed(0))
    }
    console.log(`| \`${query || '(none)'}\` | ${total} | ${count ?? 'refused: 503/903'} | ${times.join(' / ')} |`)
  }
  await nod.stop()
}
