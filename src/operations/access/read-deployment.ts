import type { Ports, Snapshot } from '../../ports/ports.ts'
import type { Outcome } from '../../refusal.ts'
import { withTimeLimit } from '../../time-limit.ts'
import { seconds } from '../../vocabulary.ts'
import { FIRST_EPOCH } from '../../vocabulary/catalogue.ts'

/** How long administration waits for the journal: then it goes on without it. */
const JOURNAL_WAIT = seconds(2)

type Lookup = Pick<Ports, 'deployment' | 'journal'>

/** Reads the deployment as it is now, for a request with an API token, or with a service key whose secret has this hash.
 *  Refuses: `storage_unavailable`. */
export async function readDeployment(ports: Lookup, keyHash: string | undefined): Promise<Outcome<Snapshot>> {
  if (keyHash !== undefined) return readForKey(ports, keyHash)
  const [read, epoch] = await Promise.all([ports.deployment.reload(), latestEpoch(ports)])
  if (!read.ok || epoch === undefined || epoch === FIRST_EPOCH) return read
  // The restore may have been noticed just now, and the keys of API tokens are void with it.
  return read.value.revision < epoch ? ports.deployment.reload() : read
}

/** For a key that this isolate does not know the deployment is read once in two seconds: somebody may have made the key up. */
function readForKey({ deployment }: Lookup, hash: string): Promise<Outcome<Snapshot>> {
  const isKnown = deployment.cached()?.serviceKeys.has(hash) === true
  return isKnown ? deployment.reload() : deployment.reloadForUnknown()
}

/** Has the journal look whether the catalogue was put back to an earlier state, in which keys that somebody else knows verify API
 *  tokens again. Answers the epoch; undefined if the journal does not answer. */
async function latestEpoch({ journal }: Lookup): Promise<number | undefined> {
  const version = await withTimeLimit(journal.check({}), JOURNAL_WAIT)
  return version !== 'late' && version.ok ? version.value.epoch : undefined
}
