/** The keys that sign security event tokens. */
import type { Ports } from '../../ports/ports.ts'
import type { WebhookKey } from '../../ports/webhook-keys.ts'
import { done, type Outcome } from '../../refusal.ts'
import type { Source } from '../../vocabulary.ts'
import { authorizeDeploymentChange } from '../access/authorize-deployment-change.ts'
import { authorize, type Credential } from '../access/identify.ts'
import { reportKeyRotation } from './report-key-rotation.ts'

/** Lists the keys that are published, the newest first. Refuses: as `authorize`; `storage_unavailable`. */
export async function listWebhookKeys(ports: Ports, credential: Credential): Promise<Outcome<readonly WebhookKey[]>> {
  const authorized = await authorize(ports, credential, 'keys_read')
  return authorized.ok ? ports.webhookKeys.published() : authorized
}

/** Makes another key, which signs in ten minutes. If the keys so far are `compromised`, it signs at once and they are no longer
 *  published. Refuses: as `authorizeDeploymentChange`; `storage_unavailable`. */
export async function rotateWebhookKey(
  ports: Ports,
  credential: Credential,
  source: Source,
  compromised: boolean,
): Promise<Outcome<Pick<WebhookKey, 'id' | 'signsFrom'>>> {
  const action = 'POST /deployment/keys/webhook/rotate'
  const change = await authorizeDeploymentChange(ports, credential, source, 'keys_write', action)
  if (!change.ok) return change
  const { entry } = change.value
  const rotated = await ports.webhookKeys.rotate(compromised, entry)
  if (!rotated.ok) return rotated
  reportKeyRotation(ports, entry, 'webhook', rotated.value.id)
  return done(rotated.value)
}
