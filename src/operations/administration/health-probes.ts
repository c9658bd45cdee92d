/** Probes of what every login needs: D1 read and written, an object, keys that open, the archive, Google. Each does what a login would. */
import type { Ports } from '../../ports/ports.ts'
import { policyConflicts } from '../../rules/policy/conflicts.ts'
import { firebaseFinding } from '../doctor/firebase.ts'
import type { HealthCheck } from './health-check.ts'

/** How many conflicts are named; the rest are counted. */
const MOST_NAMED = 10

const well = (info: string) => ({ isWell: true, info })
const unwell = (info: string) => ({ isWell: false, info })

const migrations: HealthCheck = {
  name: 'migrations',
  async run({ schema }) {
    const fault = await schema.fault()
    return fault === undefined ? well('the database has every migration') : unwell(fault)
  },
}

const database: HealthCheck = {
  name: 'database',
  async run({ databaseProbe }) {
    const [read, written] = await Promise.all([databaseProbe.measure(), databaseProbe.write()])
    if (!read.ok) return unwell('D1 does not answer')
    if (!written.ok) return unwell('D1 answers, and takes no writes')
    const { primary, nearest } = read.value
    return well(
      `read in ${Math.round(nearest)} ms, by the primary in ${Math.round(primary)} ms; written in ${Math.round(written.value)} ms`,
    )
  },
}

/** A shard and a counter, where the caller is. No phone: a phone's object is made where it is first called. */
export const objects: HealthCheck = {
  name: 'objects',
  async run({ transactions, counters }, near) {
    const shards = transactions.shards()
    const shard = shards.find(({ region }) => region === near) ?? shards[0]
    const asked = await Promise.all([
      shard && transactions.inShard(shard).listChallenges({ ids: [] }),
      counters.of('administrators/0').describe({ names: [] }),
    ])
    return asked.every((one) => one?.ok === true) ? well('the objects answer') : unwell('an object does not answer')
  },
}

export const archive: HealthCheck = {
  name: 'archive',
  async run({ auditArchive }) {
    if (auditArchive === undefined) return well('no bucket is bound for the archive')
    const read = await auditArchive.get('health')
    return read.ok ? well('the bucket of the archive answers') : unwell('the bucket of the archive does not answer')
  },
}

/** Whether the current signing key opens and signs. */
export const signingKey: HealthCheck = {
  name: 'signing_keys',
  async run({ deployment, signing }) {
    const snapshot = await deployment.cachedOrReload()
    if (!snapshot.ok) return unwell('the catalogue does not answer')
    const current = signing.currentIn(snapshot.value)
    if (current === undefined) return well('no signing key is made yet')
    const signed = await signing.sign(current, 'health', snapshot.value)
    return signed.ok ? well(`${current} signs`) : unwell(`${current} cannot be opened`)
  },
}

/** Policies that contradict each other: a request that two of them apply to is refused. */
export const policiesAgree: HealthCheck = {
  name: 'policy_conflicts',
  async run({ deployment }) {
    const snapshot = await deployment.cachedOrReload()
    if (!snapshot.ok) return unwell('the catalogue does not answer')
    const found = policyConflicts(snapshot.value.policies)
    const named = found
      .slice(0, MOST_NAMED)
      .map(
        ({ action, policies: [one, other], values: [value, another] }) =>
          `${one} sets ${action} to ${value}, and ${other} to ${another}`,
      )
    const more = found.length > MOST_NAMED ? [`and ${found.length - MOST_NAMED} more`] : []
    return found.length === 0 ? well('no two policies contradict each other') : unwell([...named, ...more].join('; '))
  },
}

const firebase = (name: string): HealthCheck => ({
  name: `firebase:${name}`,
  async run({ delivery }) {
    const probe = await delivery.probe(name)
    if (probe === undefined) return unwell('there is no such configuration')
    const { state, details } = firebaseFinding(name, probe)
    return state === 'ok' ? well(`Google takes messages for ${probe.project}`) : unwell(details ?? probe.result)
  },
})

/** The probes; each configuration of Firebase has one, for which Google is asked twice. */
export const healthProbes = ({ limits }: Pick<Ports, 'limits'>): readonly HealthCheck[] => [
  migrations,
  database,
  objects,
  signingKey,
  archive,
  policiesAgree,
  ...limits.firebase.map(firebase),
]
