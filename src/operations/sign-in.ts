import type { Ports } from '../ports/ports.ts'
import type { Login } from '../protocol/client-request.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import { seconds } from '../vocabulary.ts'

interface SignedIn {
  readonly token: string
  readonly name: string
}

/** How long an API token holds. */
const LIFETIME = seconds(3600)

/** An administrator has an API token. Nod keeps no directory, so no user of a realm signs in.
 *  Refuses: `credentials_wrong`, `realm_unknown`, `storage_unavailable`. */
export async function signIn(
  ports: Pick<Ports, 'credentials' | 'deployment'>,
  { username, password, realm }: Login,
): Promise<Outcome<SignedIn>> {
  const name = await ports.credentials.administrator(username, password)
  if (realm !== undefined) {
    const snapshot = await ports.deployment.any()
    if (!snapshot.ok) return snapshot
    if (!snapshot.value.realms.has(realm.toLowerCase())) return refuse({ reason: 'realm_unknown', realm })
  }
  if (name === undefined || realm !== undefined) return refuse({ reason: 'credentials_wrong' })
  return done({ token: await ports.credentials.issue(name, LIFETIME), name })
}
