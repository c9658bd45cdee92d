/** `npm run bench`: what a login takes, in one run. Ratios carry over to other machines; absolute figures do not.
 *
 *  --rows logins,waiting,polling,policies   which tables; these unless said. There are more: `simulator`, what the local simulator
 *                         takes for each thing a login is made of; `skeleton`, a login of those things alone, without Nod;
 *                         `without-d1`, logins whose D1 answers from memory; `tokens`, logins where there are many tokens; and
 *                         `floods`, what forged, made-up, oversized and slow requests cost, each for --seconds
 *  --bits 2048,3072,4096  --in-flight 1,16,64,256  --seconds 8
 *  --tokens 1000,100000,1000000   so many tokens, seeded for the row `tokens`; or --states a,b: folders that `npm run seed` has
 *                         filled, which stay, and hold sixteen tokens more afterwards
 *  --waiting 1000,10000   logins that are waited for at once, by `?wait=` and by events; 300 more in calls under `push_wait`.
 *                         Each takes workerd two open files: 10,000 want a limit (`ulimit -Hn`) well above 20,000
 *  --polling 1000         phones that poll every three seconds beside the load
 *  --against <url>        the same load on the privacyIDEA that bench/privacyidea.sh serves there, in turns
 *  --google-port 8790     where the stand-in for Google is; with --against, what privacyIDEA was told
 *  --cost                 what a million logins cost, instead of all that */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { compareWithPrivacyidea } from './privacyidea-comparison.ts'
import { cost } from './cost.ts'
import { floods } from './floods.ts'
import { startGoogle } from './google.ts'
import { logins } from './logins.ts'
import { policyRow } from './policies.ts'
import { polling } from './polling.ts'
import { STATE } from './service.ts'
import { simulator } from './simulator.ts'
import { skeleton } from './skeleton.ts'
import { tokensInStates, seededTokens } from './tokens.ts'
import { waiting } from './waiting.ts'

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: 'logins,waiting,polling,policies' },
    bits: { type: 'string', default: '2048,3072,4096' },
    'in-flight': { type: 'string', default: '1,16,64,256' },
    seconds: { type: 'string', default: '8' },
    tokens: { type: 'string', default: '1000,100000,1000000' },
    states: { type: 'string' },
    waiting: { type: 'string', default: '1000,10000' },
    polling: { type: 'string', default: '1000' },
    against: { type: 'string' },
    'google-port': { type: 'string', default: '0' },
    cost: { type: 'boolean', default: false },
  },
})
const numbers = (text: string): number[] => text.split(',').map(Number)
const load = {
  google: await startGoogle(Number(options['google-port'])),
  inFlight: numbers(options['in-flight']),
  seconds: Number(options.seconds),
}

console.log(
  `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}); the service on one, phones and services on the others; databases in ${STATE}\n`,
)
if (options.cost) await cost(load)
else if (options.against !== undefined) await compareWithPrivacyidea(load, options.against)
else {
  const rows = options.rows.split(',')
  if (rows.includes('logins')) for (const bits of numbers(options.bits)) await logins(load, bits)
  if (rows.includes('without-d1'))
    for (const bits of numbers(options.bits)) await logins(load, bits, { script: 'bench/start-without-d1.ts' })
  if (rows.includes('skeleton')) for (const bits of numbers(options.bits)) await skeleton(load, bits)
  if (rows.includes('simulator')) await simulator(load.google, load.seconds)
  if (rows.includes('tokens'))
    await (options.states === undefined
      ? seededTokens(load, options.tokens.split(','))
      : tokensInStates(load, options.states.split(',')))
  if (rows.includes('waiting')) for (const count of numbers(options.waiting)) await waiting(load, count)
  if (rows.includes('polling')) await polling(load, Number(options.polling))
  if (rows.includes('policies')) policyRow()
  if (rows.includes('floods')) await floods(load)
}
load.google.stop()
