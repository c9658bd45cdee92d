import type { Ports } from '../ports/ports.ts'
import type { Login } from '../protocol/client-request.ts'
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'
import type { AdministratorRole, Source } from '../vocabulary.ts'
import { seconds } from '../vocabulary.ts'
import { prove } from './prove.ts'

interface SignedIn {
  readonly token: string
  readonly name: string
  readonly role: AdministratorRole
}

/** How long an API token holds. */
const LIFETIME = seconds(3600)

/** An administrator has an API token. Nod keeps no directory, so no user of a realm signs in.
 *  Refuses: `credentials_wrong`, `sign_in_paused`, `realm_unknown`, `storage_unavailable`. */
export async function signIn(
  ports: Pick<Ports, 'credentials' | 'counters' | 'deployment'>,
  { username, password, realm }: Login,
  { address }: Pick<Source, 'address'>,
): Promise<Outcome<SignedIn>> {
  if (realm !== undefined) {
    const snapshot = await ports.deployment.any()
    if (!snapshot.ok) return snapshot
    const isKnown = snapshot.value.realms.has(realm.toLowerCase())
    return refuse(isKnown ? { reason: 'credentials_wrong' } : { reason: 'realm_unknown', realm })
  }
  const proven = await prove(ports, username, password, address)
  if (!proven.ok) return proven
  const { login, role } = proven.value
  return done({ token: await ports.credentials.issue(proven.value, LIFETIME), name: login, role })
}
