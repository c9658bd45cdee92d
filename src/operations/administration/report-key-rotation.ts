import { encodeHex } from '../../bytes.ts'
import type { AuditEntry } from '../../ports/audit.ts'
import type { Ports } from '../../ports/ports.ts'
import { present } from '../../present.ts'
import type { SecurityEvent } from '../../vocabulary/security-events.ts'

type RotatedKey = Extract<SecurityEvent, { readonly type: 'key_rotated' }>['key']

/** Reports the security event of a rotated key, in the background. `keyId`: the new key's id, or a service key's name. */
export function reportKeyRotation(
  { events, random }: Pick<Ports, 'events' | 'random'>,
  { at, administrator }: Pick<AuditEntry, 'at' | 'administrator'>,
  key: RotatedKey,
  keyId: string,
): void {
  void events.report({ type: 'key_rotated', id: encodeHex(random(16)), at, key, keyId, ...present({ administrator }) })
}
