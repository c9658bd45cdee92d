/** `npm run deploy`: deploys Nod to Cloudflare, the first time and every later one. */
import { createInterface } from 'node:readline/promises'
import { type Account, examine } from './deploy/account.ts'
import { addressOf, credentialOf } from './deploy/address.ts'
import { CloudflareApi } from './deploy/api.ts'
import { carryOut } from './deploy/carry-out.ts'
import {
  build,
  configurationFile,
  decideJurisdiction,
  readConfiguration,
  readRelease,
  withDatabase,
  writeStaging,
} from './deploy/checkout.ts'
import { type Configuration, customDomains, variable } from './deploy/configuration.ts'
import {
  DEPLOY_OPTIONS,
  type DeployOptions,
  JURISDICTION_CHOICES,
  LOCATIONS,
  type Location,
  readDeployOptions,
} from './deploy/options.ts'
import { inWords, type Plan, planDeployment, REQUIRED_SECRETS } from './deploy/plan.ts'
import { Wrangler } from './deploy/run-wrangler.ts'
import { secretsFile, secretsToSet } from './deploy/secrets.ts'
import { endWithUsage, readOptions } from './lib/command-line.mjs'
import { Fault } from './lib/tools.mjs'

const USAGE = `Deploys Nod to Cloudflare: makes what is missing, tests a version with a simulated phone, and gives it the traffic in steps.

  npm run deploy [-- options]

  --env <name>             production (wrangler.toml, the default) or staging (the same under names of its own)
  --dry-run                say what would be done, and change nothing
  --yes, -y                ask nothing
  --jurisdiction <name>    at the first deployment, for good: none, eu, us or fedramp
  --location <region>      at the first deployment: where the database is (${Object.keys(LOCATIONS).join(', ')})
  --steps <percentages>    shares of the traffic on the way from 0 to 100 (10); '' for none
  --pause <seconds>        how long each of them is kept (60)
  --security-fix           no shared traffic after the test, and all objects get the new code at once
  --object-classes         make new object classes, after which there is no way back
  --new-database           the database is another than the one that serves
  --force                  deploy although the same version serves already
  --url <url>              where the Worker answers, for the test; else NOD_URL, else its domain, else its name below workers.dev

Prints its plan before it acts. It can be repeated: it does nothing twice.
Cloudflare's credential is wrangler's: \`npx wrangler login\`, or CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID. The test signs in
with NOD_KEY, a service key of the role admin; else with ADMIN_LOGIN and ADMIN_PASSWORD. Secrets that the Worker lacks are taken
from the environment (MASTER_KEY, ADMIN_LOGIN, ADMIN_PASSWORD, BREAK_GLASS_SECRET, FIREBASE_<ID>), or made.
docs/operating.md has the procedures. The way back: npm run rollback`

const say = (line: string): void => console.log(line)

async function main(): Promise<void> {
  const { values } = readOptions(USAGE, { options: DEPLOY_OPTIONS })
  const read = readDeployOptions(values)
  if (!read.ok) return endWithUsage(read.fault)
  await deploy(read.value)
}

async function deploy(given: DeployOptions): Promise<void> {
  let configuration = readConfiguration(given.env)
  const api = await CloudflareApi.open(configuration.account_id)
  let account = asBuilt(await examine(api, configuration))
  const options = await decide(given, configuration, account)
  const release = readRelease(configuration)
  // Before anything is built or written.
  planOf({ options, configuration, account, build: { ...release, tag: '' } })
  // wrangler builds by this file.
  if (options.env === 'staging') writeStaging(configuration)
  if (account.database !== undefined && !options.dryRun)
    configuration = withDatabase(options.env, configuration, account.database.id)
  const built = { ...release, tag: await build(options.env, configuration) }
  const plan = planOf({ options, configuration, account, build: built })

  const lacking = REQUIRED_SECRETS.filter((name) => account.worker?.secrets.includes(name) !== true)
  const isTested = hasCredential(options, lacking)
  describe(plan, { options, configuration, account, release: built.release, isTested })
  if (options.dryRun) return say('\nNothing was changed (--dry-run).')
  if (!(await isConfirmed(options, plan))) return say('\nNothing was changed.')

  const { values: secrets, made } = secretsToSet(
    { env: options.env, lacking, present: account.worker?.secrets ?? [] },
    process.env,
  )
  if (made.length > 0)
    say(
      `\nMade ${made.join(', ')}, kept in ${secretsFile(options.env)}. Put them into your password manager: whoever loses MASTER_KEY has to enroll every phone anew.`,
    )
  if (
    options.jurisdiction !== undefined &&
    options.jurisdiction !== 'none' &&
    variable(configuration, 'JURISDICTION') === undefined
  )
    configuration = decideJurisdiction(configuration, options.jurisdiction)

  say('')
  await carryOut(plan, {
    worker: configuration.name,
    tag: built.tag,
    message: messageOf(built.release, built.migrations),
    earlier: account.worker?.serving?.id,
    secrets,
    awaited: lacking.filter((name) => secrets[name] === undefined),
    credential: credentialOf(options.env),
    address: () => addressOf({ url: options.url, configuration, account }),
    wrangler: new Wrangler(configurationFile(options.env), account.id),
    databaseMade: async () => {
      account = await examine(api, { ...configuration })
      if (account.database === undefined)
        throw new Fault('The database was made, and the account does not list it: run the same command again')
      configuration = withDatabase(options.env, configuration, account.database.id)
    },
    say,
  })
  report({ options, configuration, account }, plan)
}

/** In Workers Builds, where the button leads, the Worker was made for this build. */
const asBuilt = (account: Account): Account =>
  account.worker?.kind === 'blank' && process.env['WORKERS_CI']
    ? { ...account, worker: { ...account.worker, kind: 'empty' } }
    : account

function planOf(situation: Parameters<typeof planDeployment>[0]): Plan {
  const planned = planDeployment(situation)
  if (!planned.ok) throw new Fault(`${planned.reason}\nNext: ${planned.next}`)
  return planned.value
}

/** Asks at a terminal what the first deployment has to know and no option says. */
async function decide(
  options: DeployOptions,
  configuration: Configuration,
  { database }: Account,
): Promise<DeployOptions> {
  const isDecided =
    database !== undefined ||
    options.jurisdiction !== undefined ||
    variable(configuration, 'JURISDICTION') !== undefined
  if (isDecided || options.yes || !process.stdin.isTTY) return options
  say(
    'This is the first deployment. Where is the data kept? The answer cannot be changed later (docs/operating.md, "Keep all data in a jurisdiction").',
  )
  const jurisdiction = await choose('Jurisdiction', {
    none: 'anywhere',
    eu: 'European Union',
    us: 'United States',
    fedramp: 'data centers with a FedRAMP authorization',
  })
  if (jurisdiction !== 'none')
    return { ...options, jurisdiction: JURISDICTION_CHOICES.find((one) => one === jurisdiction) }
  if (options.location !== undefined) return { ...options, jurisdiction: 'none' }
  return {
    ...options,
    jurisdiction: 'none',
    location: (await choose('Where are most of your services? The database goes there', LOCATIONS)) as Location,
  }
}

async function choose(question: string, answers: Readonly<Record<string, string>>): Promise<string> {
  const dialog = createInterface({ input: process.stdin, output: process.stdout })
  try {
    say(
      Object.entries(answers)
        .map(([name, text]) => `  ${name.padEnd(8)} ${text}`)
        .join('\n'),
    )
    for (;;) {
      const answer = (await dialog.question(`${question}: `)).trim()
      if (Object.hasOwn(answers, answer)) return answer
    }
  } finally {
    dialog.close()
  }
}

async function isConfirmed({ yes }: DeployOptions, { warnings }: Plan): Promise<boolean> {
  if (yes || !process.stdin.isTTY) return true
  const dialog = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await dialog.question(
    `\n${warnings.length > 0 ? 'Some of this cannot be taken back. ' : ''}Go on? (y/N) `,
  )
  dialog.close()
  return /^y(?:es)?$/i.test(answer.trim())
}

const messageOf = (release: string, migrations: readonly string[]): string =>
  `Nod ${release}, schema ${migrations.at(-1)?.replace(/\.sql$/, '') ?? 'none'}`.slice(0, 100)

/** Says whether there will be a credential for the test. Throws a Fault where there will be none: a version that nobody has logged in
 *  through gets no traffic. Only in Workers Builds, where the button "Deploy to Cloudflare" leads, health has to do. */
function hasCredential(options: DeployOptions, lacking: readonly string[]): boolean {
  const { CI, WORKERS_CI } = process.env
  const isMade = lacking.includes('ADMIN_PASSWORD') && !CI
  if (credentialOf(options.env) !== undefined || isMade) return true
  if (WORKERS_CI) return false
  throw new Fault(
    'The test has no credential to log in with. \nNext: set NOD_KEY to a service key of the role admin (docs/operating.md, "Service keys"), or ADMIN_LOGIN and ADMIN_PASSWORD, and run this again',
  )
}

interface Described {
  readonly options: DeployOptions
  readonly configuration: Configuration
  readonly account: Account
  readonly release: string
  readonly isTested: boolean
}

function describe({ steps, warnings }: Plan, { options, configuration, account, release, isTested }: Described): void {
  const { database, worker } = account
  say(`Nod ${release} to ${options.env}: the Worker ${configuration.name} in the account ${account.id}`)
  say(
    `  database   ${database === undefined ? 'none yet' : `${database.name}, ${database.id}${database.region === undefined ? '' : `, in ${database.region}`}${database.jurisdiction ? `, jurisdiction ${database.jurisdiction}` : ''}, ${database.migrations.length} migrations applied`}`,
  )
  say(
    `  serving    ${worker?.serving === undefined ? 'nothing yet' : `${worker.serving.message ?? 'a version without a name'} (${worker.serving.id})`}`,
  )
  say('\nThis is done:')
  for (const step of steps) say(`  - ${inWords(step)}`)
  if (!isTested)
    say('  Without a credential only the health of the version is tested: set NOD_KEY for a login through it.')
  if (warnings.length > 0) say(`\nBefore it happens:\n${warnings.map((one) => `  ! ${one}`).join('\n')}`)
}

function report(
  { options, configuration, account }: Pick<Described, 'options' | 'configuration' | 'account'>,
  { notes }: Plan,
): void {
  const [domain] = customDomains(configuration)
  const tested = addressOf({ url: options.url, configuration, account })
  const url =
    options.url === undefined && !process.env['NOD_URL'] && domain !== undefined ? `https://${domain}` : tested
  say(
    `\nDone. Nod serves all traffic with this version.\n  console    ${url}/console/\n  check      NOD_URL=${url} npm run nod -- doctor`,
  )
  if (options.env === 'production') say('  the way back: npm run rollback')
  if (notes.length > 0) say(`\nLeft to you:\n${notes.map((one) => `  - ${one}`).join('\n')}`)
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Fault ? error.message : error)
  process.exitCode = 1
}
