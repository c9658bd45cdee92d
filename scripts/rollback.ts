/** `npm run rollback`: gives all traffic back to an earlier version. */
import { createInterface } from 'node:readline/promises'
import { z } from 'zod'
import { examine, findVersion, type FoundVersion } from './deploy/account.ts'
import { addressOf, credentialOf } from './deploy/address.ts'
import { CloudflareApi } from './deploy/api.ts'
import { configurationFile, readConfiguration, withDatabase } from './deploy/checkout.ts'
import { ENVIRONMENTS } from './deploy/options.ts'
import { planRollback } from './deploy/plan-rollback.ts'
import { Wrangler } from './deploy/run-wrangler.ts'
import { expectServing, logInThrough } from './deploy/smoke-test.ts'
import { endWithUsage, readOptions } from './lib/command-line.mjs'
import { Fault } from './lib/tools.mjs'

const USAGE = `Gives all traffic back to the version before, at once, and all objects its code. Says first what does not go back with it.

  npm run rollback [-- options]

  --env <name>    production (the default) or staging
  --to <id>       another version than the one before: \`npx wrangler versions list\`
  --dry-run       say what would be done, and change nothing
  --accept        accept what the version does wrong on the present data
  --yes, -y       ask nothing
  --url <url>     where the Worker answers, for the test afterwards; else NOD_URL, else its domain or its name below workers.dev`

const say = (line: string): void => console.log(line)

async function main(): Promise<void> {
  const { values } = readOptions(USAGE, {
    options: {
      env: { type: 'string', default: 'production' },
      to: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      accept: { type: 'boolean', default: false },
      yes: { type: 'boolean', short: 'y', default: false },
      url: { type: 'string' },
    },
  })
  const env = ENVIRONMENTS.find((one) => one === values.env)
  if (env === undefined) return endWithUsage(`--env: expected ${ENVIRONMENTS.join(' or ')}, got ${values.env}`)
  let configuration = readConfiguration(env)
  const api = await CloudflareApi.open(configuration.account_id)
  const account = await examine(api, configuration)
  const { worker, database } = account
  if (worker === undefined) throw new Fault(`The account has no Worker ${configuration.name}\nNext: npm run deploy`)
  const versions = await versionsOf(api, configuration.name)
  const planned = planRollback({ worker, database, versions, to: values.to })
  if (!planned.ok) throw new Fault(`${planned.reason}\nNext: ${planned.next}`)

  const { to, warnings, isHarmful } = planned.value
  say(`Back to: ${to.message ?? 'a version without a name'} (${to.id}), of ${to.createdOn}`)
  say(`From:    ${worker.serving?.message ?? 'a version without a name'} (${worker.serving?.id ?? ''})`)
  say(`\nBefore it happens:\n${warnings.map((one) => `  ! ${one}`).join('\n')}`)
  if (values['dry-run']) return say('\nNothing was changed (--dry-run).')
  if (isHarmful && !values.accept)
    throw new Fault(
      `Nothing was changed: that has to be accepted.\nNext: npm run rollback -- --to ${to.id} --accept${env === 'production' ? '' : ` --env ${env}`}`,
    )
  if (!(await isConfirmed(values.yes))) return say('\nNothing was changed.')

  if (database !== undefined) configuration = withDatabase(env, configuration, database.id)
  await giveBack(new Wrangler(configurationFile(env), account.id), to)
  say('\nAll traffic is given back. Testing it:')
  const target = {
    url: addressOf({ url: values.url, configuration, account }),
    worker: configuration.name,
    version: to.id,
  }
  const credential = credentialOf(env)
  if (to.bindings.some(({ type }) => type === 'version_metadata')) await expectServing(target)
  else say('  it does not say which version it is')
  if (credential === undefined) say('  no credential for a login: set NOD_KEY, or ADMIN_LOGIN and ADMIN_PASSWORD')
  else say(`  a login took ${await logInThrough(target, credential)} ms`)
  say(`\nDone. Forward again: npm run rollback -- --to ${worker.serving?.id ?? ''}, or a new version: npm run deploy`)
}

async function versionsOf(api: CloudflareApi, worker: string): Promise<readonly FoundVersion[]> {
  const { items } = z
    .object({ items: z.array(z.looseObject({ id: z.string() })) })
    .parse(await api.read(`/workers/scripts/${worker}/versions?deployable=true`))
  return Promise.all(items.map(({ id }) => findVersion(api, worker, id)))
}

/** Cloudflare refuses where a secret has changed since, unless it is forced to. It never is: a MASTER_KEY of before a rotation opens
 *  nothing of what was sealed since. */
async function giveBack(wrangler: Wrangler, { id, message }: FoundVersion): Promise<void> {
  try {
    await wrangler.run(
      'versions',
      'deploy',
      `${id}@100`,
      '--yes',
      '--message',
      `Back to: ${message ?? id}`.slice(0, 100),
      '--durable-objects-code-update-mode',
      'immediate',
    )
  } catch (error) {
    const changed = error instanceof Error ? /secrets have changed: ([\w, ]+)/.exec(error.message)?.[1] : undefined
    if (changed === undefined) throw error
    const commit = /^Nod \S+ ([\da-f]{7,}),/.exec(message ?? '')?.[1] ?? '<its commit>'
    throw new Fault(
      `Nothing was changed. A version goes back with its secrets, and these have changed since: ${changed.trim()}.\nNext: deploy the earlier code with the present secrets, as a new version:\n  git checkout ${commit} && npm ci && npm run deploy`,
    )
  }
}

async function isConfirmed(yes: boolean): Promise<boolean> {
  if (yes || !process.stdin.isTTY) return true
  const dialog = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await dialog.question('\nGo on? (y/N) ')
  dialog.close()
  return /^y(?:es)?$/i.test(answer.trim())
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Fault ? error.message : error)
  process.exitCode = 1
}
