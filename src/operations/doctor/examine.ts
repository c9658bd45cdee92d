import type { Ports } from '../../ports/ports.ts'
import { type FindingText, findingText } from '../../protocol/administration/doctor-texts.ts'
import { preferredLanguage } from '../../protocol/accept-language.ts'
import { present } from '../../present.ts'
import { done, type Outcome } from '../../refusal.ts'
import { withTimeLimit } from '../../time-limit.ts'
import { seconds, type Source } from '../../vocabulary.ts'
import type { CheckState, FirebaseProbe } from '../../vocabulary/doctor.ts'
import { authorize, type Credential } from '../access/identify.ts'
import { HEALTH_CHECKS } from '../administration/deep-health.ts'
import type { HealthCheck } from '../administration/health-check.ts'
import { archive, objects, policiesAgree } from '../administration/health-probes.ts'
import { clockFinding, database, migrations } from './database.ts'
import type { Check, CheckContext, Finding } from './finding.ts'
import { firebaseFinding } from './firebase.ts'
import { administrators, apiTokenKeys, breakGlass, serviceKeys, signingKeys } from './keys.ts'
import { anonymousCheck, auditHead, errors, publicUrl, rounds } from './service.ts'
import { passwordCheck } from './password-check.ts'
import { upstream } from './upstream.ts'

/** A finding as it is answered. */
export interface CheckReport {
  readonly id: string
  readonly state: CheckState
  readonly text: string
  readonly details?: string
  readonly next?: string
  /** How long the check took, in milliseconds. */
  readonly took: number
}

/** Each check has as long. Of Google two round trips are made. */
const TIME_LIMIT = seconds(4)

/** What comes next after a check that `/healthz?deep=1` has as well; `state`: how bad it is. */
const AFTER: Readonly<Record<string, { readonly state: CheckState; readonly next?: string }>> = {
  objects: { state: 'fail', next: 'https://www.cloudflarestatus.com/' },
  archive: { state: 'fail', next: 'npm run nod -- audit-archive list' },
  policy_conflicts: { state: 'warn', next: 'GET /deployment/policies/conflicts' },
  catalogue: { state: 'fail', next: 'npm run nod -- restored' },
  settings: { state: 'warn', next: 'npm run nod -- doctor' },
  keys: { state: 'warn', next: 'npm run nod -- rotate' },
  audit: { state: 'fail', next: 'npm run nod -- audit-archive list' },
  policies: { state: 'fail', next: 'GET /policy/' },
  rate_limits: { state: 'fail', next: '[[ratelimits]] in wrangler.toml, then npm run deploy' },
  webhooks: { state: 'fail', next: 'GET /webhook' },
}

/** The same check as `/healthz?deep=1` makes. */
const ofHealth = ({ name, run }: HealthCheck): Check => ({
  id: name,
  async run({ ports, source }) {
    const { isWell, info } = await run(ports, source.region)
    const text = `${name}_${isWell ? 'ok' : 'attention'}` as FindingText
    return isWell ? { state: 'ok', text, details: info } : { state: 'fail', ...AFTER[name], text, details: info }
  },
})

/**
 * Looks at everything that a deployment needs, and says what comes next where something is missing. The checks run at once, each at most
 * four seconds; one that fails or is late is a finding and never fails the answer.
 * Costs some thirty rows of D1 (more while the master key is rotated), five calls of the journal, and two requests to Google for each
 * Firebase configuration. Refuses: as `authorize`.
 */
export async function examine(
  ports: Ports,
  credential: Credential,
  source: Source,
): Promise<Outcome<readonly CheckReport[]>> {
  const authorized = await authorize(ports, credential, 'configread')
  if (!authorized.ok) return authorized
  const context: CheckContext = { ports, source, snapshot: authorized.value.snapshot }
  const language = preferredLanguage(source.header?.('Accept-Language'))
  const names = ports.limits.firebase
  const probes = new Map(names.map((name) => [name, ports.delivery.probe(name)]))
  const clock: Check = {
    id: 'clock',
    async run() {
      const [measured, ...answers] = await Promise.all([ports.databaseProbe.measure(), ...probes.values()])
      return clockFinding(measured.ok ? measured.value : undefined, answers.filter(isProbe))
    },
  }
  const firebase: readonly Check[] = names.map((name) => ({
    id: `firebase:${name}`,
    async run() {
      const probe = await probes.get(name)
      return probe === undefined ? { state: 'fail', text: 'unchecked' } : firebaseFinding(name, probe)
    },
  }))
  const noFirebase: Check = {
    id: 'firebase',
    run: async () => ({ state: 'skip', text: 'firebase_none', next: 'FIREBASE_FB1' }),
  }
  const checks: readonly Check[] = [
    migrations,
    database,
    clock,
    publicUrl,
    ...(firebase.length === 0 ? [noFirebase] : firebase),
    ...[objects, archive, policiesAgree, ...HEALTH_CHECKS].map(ofHealth),
    signingKeys,
    apiTokenKeys,
    serviceKeys,
    administrators,
    breakGlass,
    anonymousCheck,
    auditHead,
    rounds,
    ...(ports.upstream === undefined ? [] : [upstream]),
    ...(ports.pinChecks.passwords === undefined ? [] : [passwordCheck]),
    errors,
  ]
  return done(
    await Promise.all(
      checks.map(async (check) => {
        const began = ports.now()
        const { state, text, values = {}, details, next } = await find(check, context)
        const took = ports.now() - began
        return { id: check.id, state, text: findingText(text, values, language), ...present({ details, next }), took }
      }),
    ),
  )
}

const isProbe = (probe: FirebaseProbe | undefined): probe is FirebaseProbe => probe !== undefined

async function find({ id, run }: Check, context: CheckContext): Promise<Finding> {
  try {
    const found = await withTimeLimit(run(context), TIME_LIMIT)
    return found === 'late' ? { state: 'fail', text: 'unchecked', details: 'it took too long' } : found
  } catch (error) {
    context.ports.log('check_failed', { check: id, error: String(error) })
    return { state: 'fail', text: 'unchecked' }
  }
}
