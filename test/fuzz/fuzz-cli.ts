/** `npm run fuzz -- --seconds 60 [--requests 1000000] [--seed 1]`: exit code 1 when something happened that must not. */
import { parseArgs } from 'node:util'
import { fuzz } from './fuzz.ts'
import { openTarget } from './target.ts'

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    requests: { type: 'string', default: '1000000000' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
})
const target = await openTarget()
const from = performance.now()
const { requests, raw, byStatus, faults } = await fuzz(
  target,
  Number(options.seed),
  Number(options.seconds),
  Number(options.requests),
)
const seconds = (performance.now() - from) / 1000
await target.stop()
const counts = [...byStatus]
  .toSorted(([one], [other]) => Number(one) - Number(other))
  .map(([status, count]) => `${status}: ${count}`)
console.log(
  `seed ${options.seed}: ${requests} requests in ${seconds.toFixed(0)} s, ${raw} of them raw bytes; answers ${counts.join(', ')}`,
)
for (const fault of faults) console.log(`FAULT ${fault}`)
console.log(
  faults.length === 0 ? 'Nothing happened that must not.' : `${faults.length} faults (no more are looked for)`,
)
process.exitCode = faults.length === 0 ? 0 : 1
