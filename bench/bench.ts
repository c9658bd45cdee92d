/** `npm run bench`: measures what a login takes. Ratios carry over to other machines; absolute figures do not. */
import { cpus } from 'node:os'
import { endWithUsage, readNumber, readNumbers, readOptions } from '../scripts/lib/command-line.mjs'
import { compareWithPrivacyidea } from './privacyidea-comparison.ts'
import { cold } from './cold.ts'
import { cost } from './cost.ts'
import { database } from './database.ts'
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
import { movedPhone } from './regions/moved-phone.ts'
import { worldTables, writeWorld } from './regions/report.ts'
import { measureWorld } from './regions/world.ts'

const USAGE = `Measures what a login takes, on a Nod of its own. Ratios carry over to other machines; absolute figures do not.

  npm run bench [-- options]

  --rows <names>         which tables, between commas (logins,waiting,polling,policies). Besides these there are
                         simulator    what the local simulator takes for each operation that a login is made of
                         skeleton     logins in turns with a login of those operations alone, without Nod
                         cold         the first login of a new isolate, and of objects that were evicted
                         without-d1   logins whose D1 answers from memory
                         tokens       logins where there are many tokens
                         database     what SQLite takes for a login's read and for a hand-over of the audit
                         floods       what forged, made-up, oversized and slow requests cost, and what of that is left
                                      once their network has exceeded its rate limit
                         world        logins between regions of the world, with the round trips between them
                         moved-phone  a phone whose object is on another continent, before it is moved and after
  --bits <numbers>       sizes of the signing key (2048,3072,4096)
  --in-flight <numbers>  logins at a time (1,16,64,256)
  --seconds <number>     how long each measurement runs (8)
  --tokens <numbers>     row tokens: so many tokens are seeded (1000,100000,1000000)
  --states <folders>     row tokens: folders that \`npm run seed\` has filled, in place of --tokens. They stay, with
                         sixteen tokens more
  --waiting <numbers>    row waiting: logins that are waited for at a time, by ?wait= and by events (1000,10000), and 300
                         more in calls under push_wait. Each takes workerd two open files: 10000 need a limit
                         (ulimit -Hn) well above 20000
  --polling <number>     row polling: phones that poll every three seconds beside the load (1000)
  --write                row world: writes the figures into docs/world.md and draws docs/world.svg
  --against <url>        the same load on the privacyIDEA that bench/privacyidea.sh serves there, in turns
  --google-port <port>   the port of the stand-in for Google; with --against, the one privacyIDEA was told (any free one)
  --cost                 only what a million logins cost`

const ROWS = [
  'logins',
  'without-d1',
  'skeleton',
  'cold',
  'simulator',
  'tokens',
  'database',
  'waiting',
  'polling',
  'policies',
  'floods',
  'world',
  'moved-phone',
] as const

const { values: options } = readOptions(USAGE, {
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
    write: { type: 'boolean', default: false },
  },
})
const rows = options.rows.split(',')
const unknown = rows.find((row) => !ROWS.some((known) => known === row))
if (unknown !== undefined) endWithUsage(`--rows: there is no row ${unknown}`)
const bits = readNumbers('bits', options.bits)
const waiters = readNumbers('waiting', options.waiting)
const pollers = readNumber('polling', options.polling)
const googlePort = readNumber('google-port', options['google-port'], 0)
const [inFlight, seconds] = [readNumbers('in-flight', options['in-flight']), readNumber('seconds', options.seconds)]
const tokenCounts = readNumbers('tokens', options.tokens)

const load = { google: await startGoogle(googlePort), inFlight, seconds }
console.log(
  `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}); the service on one, phones and services on the others; databases in ${STATE}\n`,
)
if (options.cost) await cost(load)
else if (options.against !== undefined) await compareWithPrivacyidea(load, options.against)
else {
  if (rows.includes('logins')) for (const size of bits) await logins(load, size)
  if (rows.includes('without-d1'))
    for (const size of bits) await logins(load, size, { script: 'bench/start-without-d1.ts' })
  if (rows.includes('skeleton')) for (const size of bits) await skeleton(load, size)
  if (rows.includes('cold')) await cold(load.google)
  if (rows.includes('simulator')) await simulator(load.google, load.seconds)
  if (rows.includes('database')) await database()
  if (rows.includes('tokens'))
    await (options.states === undefined
      ? seededTokens(load, tokenCounts.map(String))
      : tokensInStates(load, options.states.split(',')))
  if (rows.includes('waiting')) for (const count of waiters) await waiting(load, count)
  if (rows.includes('polling')) await polling(load, pollers)
  if (rows.includes('policies')) policyRow()
  if (rows.includes('floods')) await floods(load)
  if (rows.includes('world')) {
    const results = await measureWorld(load.google, seconds)
    console.log(worldTables(results))
    if (options.write) writeWorld(results)
  }
  if (rows.includes('moved-phone')) await movedPhone(load.google, seconds)
}
load.google.stop()
