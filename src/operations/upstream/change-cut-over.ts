import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import { withChange } from '../../rules/deployment/audited-change.ts'
import {
  changeCutOver,
  type CutOver,
  cutOverOf,
  cutOverSetting,
  type RealmCutOver,
  readCutOver,
} from '../../rules/deployment/cut-over.ts'
import type { Source } from '../../vocabulary.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import { authorize, type Credential } from '../access/identify.ts'

/** The upstream, and how far each realm has moved. */
export interface UpstreamReport {
  /** Its address; undefined where there is none. */
  readonly url: string | undefined
  readonly hasAccount: boolean
  readonly cutOver: CutOver
}

/** Answers how far the realms have moved. Refuses: as `authorize`. */
export async function reportUpstream(ports: Ports, credential: Credential): Promise<Outcome<UpstreamReport>> {
  const authorized = await authorize(ports, credential, 'configread')
  if (!authorized.ok) return authorized
  const { upstream } = ports
  const cutOver = readCutOver(authorized.value.snapshot.settings)
  return done({ url: upstream?.url, hasAccount: upstream?.hasAccount === true, cutOver })
}

/** Which part of a realm is to move. */
export interface CutOverChange {
  /** In lower case; `*`: all that are not named. */
  readonly realm: string
  readonly share?: number | undefined
  readonly otherTokens?: boolean | undefined
}

/** Moves a part of a realm's users here, or back. Every shard knows before the answer, so no login opens here by the former share; what was
 *  opened before goes on where it was opened. Refuses: as `authorize`; `parameter_invalid`. */
export async function setCutOver(
  ports: Ports,
  credential: Credential,
  source: Source,
  { realm, ...wanted }: CutOverChange,
): Promise<Outcome<RealmCutOver>> {
  const action = 'POST /deployment/upstream/realms/<realm>'
  const change = await authorizeDeploymentChange(ports, credential, source, 'configwrite', action, realm)
  if (!change.ok) return change
  const before = readCutOver(change.value.snapshot.settings)
  const after = changeCutOver(before, realm, wanted, ports.now())
  if (!after.ok) return after
  const entry = withChange(change.value.entry, cutOverOf(before, realm), after.value)
  const saved = await ports.settings.save(cutOverSetting(realm, after.value), entry)
  return saved.ok ? done(after.value) : saved
}
