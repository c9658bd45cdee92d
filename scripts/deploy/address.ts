/** Where a deployment answers, and who its operator is there. */
import { Fault } from '../lib/tools.mjs'
import type { Account } from './account.ts'
import { type Configuration, customDomains } from './configuration.ts'
import type { Environment } from './options.ts'
import { keptSecrets } from './secrets.ts'
import type { Credential } from './smoke-test.ts'

/** Where the Worker answers now: what is named, else its domain once it has it, else its name below workers.dev. Throws a Fault where it
 *  has neither. */
export function addressOf(
  { url, configuration, account }: { url: string | undefined; configuration: Configuration; account: Account },
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const named = url ?? environment['NOD_URL']
  if (named) return named.replace(/\/+$/, '')
  const attached = account.domains.find(({ service }) => service === configuration.name)
  if (attached !== undefined) return `https://${attached.hostname}`
  const [domain] = customDomains(configuration)
  const isFirst = account.worker?.serving === undefined
  const hasName = account.subdomain !== undefined && (!isFirst || (configuration.workers_dev ?? domain === undefined))
  if (hasName) return `https://${configuration.name}.${account.subdomain}.workers.dev`
  if (domain !== undefined) return `https://${domain}`
  throw new Fault(
    'The Worker has no address: neither a domain nor workers.dev.\nNext: docs/operating.md, "Custom domain"',
  )
}

/** NOD_KEY, else the administrator of the environment, else the one that was made here at the first deployment. */
export function credentialOf(env: Environment, environment: NodeJS.ProcessEnv = process.env): Credential | undefined {
  const { NOD_KEY: key, ADMIN_LOGIN, ADMIN_PASSWORD } = environment
  if (key) return { key }
  const kept = keptSecrets(env)
  const login = ADMIN_LOGIN || kept['ADMIN_LOGIN']
  const password = ADMIN_PASSWORD || kept['ADMIN_PASSWORD']
  return login && password ? { login, password } : undefined
}
