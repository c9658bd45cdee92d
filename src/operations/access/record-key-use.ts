import type { Ports } from '../../ports/ports.ts'
import { type Credential, hasEnded } from './identify.ts'

/** Records that a service key was used, if this isolate knows it. Never throws; for after the response. */
export async function recordKeyUse(
  { deployment, serviceKeys, now }: Pick<Ports, 'deployment' | 'serviceKeys' | 'now'>,
  credential: Credential,
): Promise<void> {
  if (credential.kind !== 'key') return
  const key = deployment.cached()?.serviceKeys.get(credential.hash)
  if (key !== undefined && !hasEnded(key, now())) await serviceKeys.recordUse(key)
}
