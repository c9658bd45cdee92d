/** `npm run fuzz`: sends drawn requests to a Nod of its own. Exit code 1 when something happened that must not. */
import { readNumber, readOptions } from '../../scripts/lib/command-line.mjs'
import { fuzz } from './fuzz.ts'
import { openTarget } from './target.ts'

const USAGE = `Sends drawn requests to a Nod of its own, and fails when something happens that must not.

  npm run fuzz [-- options]

  --seconds <number>    how long (60)
  --requests <number>   at most so many requests
  --seed <number>       the seed, to repeat a run; without it one is drawn and printed`

const { values: options } = readOptions(USAGE, {
  options: {
    seconds: { type: 'string', default: '60' },
    requests: { type: 'string', default: '1000000000' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
})
const seed = readNumber('seed', options.seed, 0)
const [limit, most] = [readNumber('seconds', options.seconds), readNumber('requests', options.requests)]
const target = await openTarget()
const from = performance.now()
const { requests, raw, byStatus, faults } = await fuzz(target, seed, limit, most)
const seconds = (performance.now() - from) / 1000
await target.stop()
const counts = [...byStatus]
  .toSorted(([one], [other]) => Number(one) - Number(other))
  .map(([status, count]) => `${status}: ${count}`)
console.log(
  `seed ${seed}: ${requests} requests in ${seconds.toFixed(0)} s, ${raw} of them raw bytes; answers ${counts.join(', ')}`,
)
for (const fault of faults) console.log(`FAULT ${fault}`)
console.log(
  faults.length === 0 ? 'Nothing happened that must not.' : `${faults.length} faults (no more are looked for)`,
)
process.exitCode = faults.length === 0 ? 0 : 1
