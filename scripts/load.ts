/** `npm run load`: logs test users in at a stated rate, and reports how long each step took. */
import { readFileSync, writeFileSync } from 'node:fs'
import { type Fetch, RegistrationRefused } from '../test/simulation/phone.ts'
import { fields, readReply, reasonOf } from '../test/simulation/reply.ts'
import { Service } from '../test/simulation/service.ts'
import { endWithUsage, readNumber, readOptions } from './lib/command-line.mjs'
import { Fault } from './lib/tools.mjs'
import { logIn, type TestUser } from './load/login.ts'
import type { Plan } from './load/plan.ts'
import { reportText, stageReports } from './load/report.ts'
import { Progress } from './load/progress.ts'
import { runPlan } from './load/run.ts'
import {
  createUsers,
  newName,
  removeUsers,
  type StoredUsers,
  storedUsers,
  type TestUsers,
  usersFrom,
} from './load/test-users.ts'
import { NodClient } from './nod/client.ts'

const USAGE = `Logs test users with simulated phones in, at a stated rate, and reports what each step of a login took.

  npm run load -- <url> --users <number> [options]
  npm run load -- <url> --phones <file> [options]
  npm run load -- <url> --remove <name>

  --users <number>      create this many test users in their own realm, and remove them afterwards
  --phones <file>       log in the test users that an earlier run has kept
  --keep <file>         keep the test users, and write their keys into this file, for --phones
  --remove <name>       only remove the test users of an earlier run; the name begins with load-

  --rate <number>       logins a second, which start whether or not earlier ones have ended (1)
  --concurrency <n>     in place of --rate: this many logins at a time, each started when another ends
  --ramp <seconds>      how long the load grows from nothing; reported separately (5)
  --seconds <number>    how long the full load lasts (30)
  --pin                 open logins by PIN instead of triggering them
  --decline <percent>   the percentage of users who decline (0)
  --think <ms>          how long a user looks at a prompt; not counted as Nod's time (0)
  --poll <ms>           how often a phone asks for its prompt (500)
  --timeout <seconds>   how long to wait for an answer, and for a prompt (15)
  --json <file>         write the figures into this file as well

The load is billed, limited and recorded like any other, and its audit records stay. The number of users should be more than the
rate times the seconds that a login lasts. Ctrl-C ends the run: it reports, and removes the test users; twice,
it waits for no login; three times, it ends at once.

To make and remove test users it takes the credential of an administrator: NOD_KEY, a service key of the role admin; else
ADMIN_LOGIN with ADMIN_PASSWORD; else, for a Nod on this machine, the administrator that \`npm start\` keeps in NOD_STATE (.nod).
It ends with 0 if a login was accepted or declined, with 1 if none was, with 2 when it was used wrongly.`

const { values, positionals } = readOptions(USAGE, {
  allowPositionals: true,
  options: {
    users: { type: 'string' },
    phones: { type: 'string' },
    keep: { type: 'string' },
    remove: { type: 'string' },
    rate: { type: 'string' },
    concurrency: { type: 'string' },
    ramp: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '30' },
    pin: { type: 'boolean', default: false },
    decline: { type: 'string', default: '0' },
    think: { type: 'string', default: '0' },
    poll: { type: 'string', default: '500' },
    timeout: { type: 'string', default: '15' },
    json: { type: 'string' },
  },
})

/** Aborted by the first signal: no more logins start. */
const stop = new AbortController()
/** Aborted by the second: no login is waited for. */
const hurry = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (hurry.signal.aborted) {
      console.error(`Ended at once; what may be left: ${left}`)
      process.exit(130)
    }
    if (stop.signal.aborted) hurry.abort()
    stop.abort()
  })
/** The command that removes what this run has made. */
let left = 'nothing'

const decline = readNumber('decline', values.decline, 0)
const think = readNumber('think', values.think, 0)
const poll = readNumber('poll', values.poll)
const timeout = readNumber('timeout', values.timeout) * 1000

/** Sends a request that ends with the time limit, and at once in a hurry. */
const limited: Fetch = (request) =>
  fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeout), hurry.signal]) })
const phoneOptions = { fetch: limited, timeout }

const address = (): string => {
  const [url, ...others] = positionals
  if (url === undefined) endWithUsage('The address of the deployment is missing')
  if (others.length > 0) endWithUsage(`Unexpected argument '${others[0]}'`)
  return url
}

const chosen = [values.users, values.phones, values.remove].filter((one) => one !== undefined)

async function main(): Promise<number> {
  const url = address()
  if (chosen.length !== 1)
    endWithUsage('A load makes users and logs them in: say --users <number>, or --phones <file>, or --remove <name>')
  if (values.keep !== undefined && values.users === undefined) endWithUsage('--keep: goes with --users')
  if (values.rate !== undefined && values.concurrency !== undefined) endWithUsage('--rate or --concurrency, not both')
  const client = new NodClient(url)
  if (values.remove !== undefined) {
    await removeUsers(client, values.remove)
    console.log(`Removed the test users of ${values.remove}.`)
    return 0
  }
  const plan = readPlan()
  const health = await readReply(await client.fetchAnonymously('GET', '/healthz'))
  if (health.status !== 200) throw new Fault(`${client.url} does not serve: HTTP ${health.status}`)
  const { version } = fields(health.body)
  console.log(`${client.url}, ${typeof version === 'string' ? `Nod ${version}` : 'Nod'}`)
  if (values.phones !== undefined) {
    const stored = JSON.parse(readFileSync(values.phones, 'utf8')) as StoredUsers
    if (stored.url !== client.url) throw new Fault(`${values.phones} has users of ${stored.url}`)
    return runLoad(client, plan, usersFrom(stored, phoneOptions))
  }
  return withNewUsers(client, plan, readNumber('users', values.users))
}

/** Makes users for the run and removes them afterwards, whatever happened meanwhile. */
async function withNewUsers(client: NodClient, plan: Plan, count: number): Promise<number> {
  const name = newName()
  const again = `npm run load -- ${client.url} --remove ${name}`
  left = again
  console.log(`Making ${count} test users in the realm ${name}`)
  let isKept = false
  try {
    const made = await createUsers(client, name, count, phoneOptions, stop.signal)
    if (values.keep !== undefined) {
      const stored = await storedUsers(client.url, made)
      writeFileSync(values.keep, JSON.stringify(stored), { mode: 0o600 })
      isKept = true
    }
    return await runLoad(client, plan, made)
  } finally {
    if (isKept) console.log(`\nThe test users stay: ${values.keep} logs them in. To remove them: ${again}`)
    else {
      console.log('\nRemoving the test users')
      await removeUsers(client, name).catch((error: unknown) => {
        throw new Fault(`The test users are not all removed (${reasonOf(error)}). Once it can be done: ${again}`)
      })
    }
  }
}

async function runLoad(client: NodClient, plan: Plan, made: TestUsers): Promise<number> {
  const { users, serviceKey, pin } = made
  const { rate, atOnce, ramp, seconds } = plan
  if (users.length < atOnce) throw new Fault(`${atOnce} logins at a time take as many users; there are ${users.length}`)
  const service = new Service({ baseUrl: client.url, authorization: serviceKey, fetch: limited, userAgent: 'nod-load' })
  const startedAt = new Date().toISOString()
  console.log(
    `${rate === undefined ? `${atOnce} logins at a time` : `${rate} logins a second`} of ${users.length} users: ${ramp} s of ramp, ${seconds} s`,
  )
  let count = 0
  const login = (user: TestUser) =>
    logIn(service, user, {
      pin: values.pin ? pin : undefined,
      // Evenly, and the same in each run.
      declines: (++count * decline) % 100 < decline,
      think,
      poll,
      patience: timeout,
      signal: hurry.signal,
    })
  const progress = new Progress()
  const run = await runPlan(plan, users, login, stop.signal, (result) => progress.add(result))
  progress.stop()
  const stages = stageReports(run)
  if (stop.signal.aborted) console.log('\nStopped.')
  console.log(`\n${reportText(stages)}`)
  if (values.json !== undefined) {
    const options = { rate: rate ?? null, concurrency: rate === undefined ? atOnce : null, ramp, seconds, think, poll }
    const report = { url: client.url, startedAt, users: users.length, options, stages }
    writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`)
  }
  return run.results.some(({ outcome }) => outcome !== 'failed') ? 0 : 1
}

function readPlan(): Plan {
  const ramp = readNumber('ramp', values.ramp, 0)
  const seconds = readNumber('seconds', values.seconds)
  if (values.concurrency !== undefined)
    return { rate: undefined, atOnce: readNumber('concurrency', values.concurrency), ramp, seconds }
  const rate = Number(values.rate ?? 1)
  if (!(rate > 0 && rate < 100_000)) endWithUsage(`--rate: expected a number above 0, got ${values.rate}`)
  return { rate, atOnce: 0, ramp, seconds }
}

try {
  process.exitCode = await main()
} catch (error) {
  const isForUsers = error instanceof Fault || error instanceof RegistrationRefused
  console.error(isForUsers ? error.message : error)
  process.exitCode = 1
}
