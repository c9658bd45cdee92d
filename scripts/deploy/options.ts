/** The command line of `npm run deploy`. */

export const ENVIRONMENTS = ['production', 'staging'] as const
export type Environment = (typeof ENVIRONMENTS)[number]

export const JURISDICTION_CHOICES = ['none', 'eu', 'us', 'fedramp'] as const
export type JurisdictionChoice = (typeof JURISDICTION_CHOICES)[number]

/** Where D1 has regions. None is in South America, Africa or the Middle East. */
export const LOCATIONS = {
  weur: 'Western Europe',
  eeur: 'Eastern Europe',
  wnam: 'Western North America',
  enam: 'Eastern North America',
  apac: 'Asia-Pacific',
  oc: 'Oceania',
} as const
export type Location = keyof typeof LOCATIONS

export interface DeployOptions {
  readonly env: Environment
  readonly dryRun: boolean
  /** Nobody is asked. */
  readonly yes: boolean
  readonly jurisdiction: JurisdictionChoice | undefined
  readonly location: Location | undefined
  /** The shares of the traffic, in percent, that the new version gets between 0 and 100. */
  readonly steps: readonly number[]
  /** Seconds for which each of these shares is kept. */
  readonly pause: number
  /** The version before must not answer any more: no shared traffic, and objects get the new code at once. */
  readonly securityFix: boolean
  /** New classes of objects are made, which cannot be undone. */
  readonly objectClasses: boolean
  /** The database is another one than that of the version which serves. */
  readonly newDatabase: boolean
  /** Deploys although the same version serves already. */
  readonly force: boolean
  readonly url: string | undefined
}

export const DEPLOY_OPTIONS = {
  env: { type: 'string', default: 'production' },
  'dry-run': { type: 'boolean', default: false },
  yes: { type: 'boolean', short: 'y', default: false },
  jurisdiction: { type: 'string' },
  location: { type: 'string' },
  steps: { type: 'string', default: '10' },
  pause: { type: 'string', default: '60' },
  'security-fix': { type: 'boolean', default: false },
  'object-classes': { type: 'boolean', default: false },
  'new-database': { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  url: { type: 'string' },
} as const

export type DeployValues = {
  readonly [Name in keyof typeof DEPLOY_OPTIONS]?: string | boolean | undefined
}

type Read = { readonly ok: true; readonly value: DeployOptions } | { readonly ok: false; readonly fault: string }

const fault = (text: string): Read => ({ ok: false, fault: text })

/** Checks the options, and each combination of them. Returns the first fault, for the exit code 2. */
export function readDeployOptions(values: DeployValues): Read {
  const env = ENVIRONMENTS.find((one) => one === values.env)
  if (env === undefined) return fault(`--env: expected ${ENVIRONMENTS.join(' or ')}, got ${String(values.env)}`)
  const jurisdiction = JURISDICTION_CHOICES.find((one) => one === values.jurisdiction)
  if (values.jurisdiction !== undefined && jurisdiction === undefined)
    return fault(
      `--jurisdiction: expected one of ${JURISDICTION_CHOICES.join(', ')}, got ${String(values.jurisdiction)}`,
    )
  const location = Object.keys(LOCATIONS).find((one) => one === values.location) as Location | undefined
  if (values.location !== undefined && location === undefined)
    return fault(`--location: expected one of ${Object.keys(LOCATIONS).join(', ')}, got ${String(values.location)}`)
  if (location !== undefined && jurisdiction !== undefined && jurisdiction !== 'none')
    return fault(`--location: within a jurisdiction Cloudflare chooses the location; leave one of the two away`)
  const steps = readSteps(String(values.steps ?? ''))
  if (steps === undefined)
    return fault(
      `--steps: expected rising percentages between 0 and 100, as 10 or 5,25,50; got ${String(values.steps)}`,
    )
  const pause = Number(values.pause)
  if (!Number.isInteger(pause) || pause < 0 || pause > 86_400)
    return fault(`--pause: expected seconds from 0 to 86400, got ${String(values.pause)}`)
  const url = values.url as string | undefined
  if (url !== undefined && (!/^https?:/.test(url) || !URL.canParse(url)))
    return fault(`--url: expected an address like https://nod.example.com, got ${url}`)
  const securityFix = values['security-fix'] === true
  return {
    ok: true,
    value: {
      env,
      dryRun: values['dry-run'] === true,
      yes: values.yes === true,
      jurisdiction,
      location,
      // While two versions share the traffic, a caller can choose the earlier one.
      steps: securityFix ? [] : steps,
      pause,
      securityFix,
      objectClasses: values['object-classes'] === true,
      newDatabase: values['new-database'] === true,
      force: values.force === true,
      url: url?.replace(/\/+$/, ''),
    },
  }
}

function readSteps(text: string): readonly number[] | undefined {
  if (text === '') return []
  const steps = text.split(',').map((one) => (/^\d{1,2}$/.test(one.trim()) ? Number(one) : Number.NaN))
  const isRising = steps.every((step, at) => step > (steps[at - 1] ?? 0) && step < 100)
  return isRising ? steps : undefined
}
