import { encodeHex } from '../../bytes.ts'
import type { Ports } from '../../ports/ports.ts'
import { phonesToTell } from '../../rules/token/notice-policy.ts'
import type { Owner, Serial } from '../../vocabulary.ts'
import type { OwnChange } from '../../vocabulary/notices.ts'
import type { TokenChange } from '../../ports/tokens.ts'
import type { Credential } from '../access/identify.ts'
import { tellPhones } from './tell-phones.ts'

/** What the user's other phones hear of a change; undefined where they need not, or hear of it by themselves. */
export function ownChangeOf(change: TokenChange): OwnChange | undefined {
  switch (change.kind) {
    case 'unassigned':
      return 'deleted'
    case 'deleted':
    case 'revoked':
      return change.kind
    case 'active':
      return change.active ? undefined : 'disabled'
    case 'set':
      return change.settings.description === undefined ? undefined : 'renamed'
    case 'pin':
      return change.isNew === false ? undefined : 'pin_changed'
    case 'rings_paused':
      return change.until === undefined ? 'rings_resumed' : 'rings_paused'
    default:
      return undefined
  }
}

/** Tells the other phones of a user what the user, signed in to Nod itself, has done to one phone. Whoever says on one of them that it
 *  was not them ends that session. What an administrator does is no such change. Never refuses. */
export async function tellOwnChange(
  ports: Pick<Ports, 'phones' | 'log' | 'subjects' | 'deployment' | 'now' | 'random'>,
  credential: Credential,
  serial: Serial,
  change: OwnChange,
): Promise<void> {
  if (credential.kind !== 'user') return
  const { owner, session } = credential
  const at = ports.now()
  const found = await tokensOf(ports, owner)
  if (found === undefined)
    return ports.log('notice_not_kept', { notice: 'phone_changed', error: 'storage_unavailable' })
  const tokens = phonesToTell(found.tokens, serial)
  const subject = { kind: 'phone_changed', serial, change, session } as const
  const notice = { id: `phone_changed:${encodeHex(ports.random(8))}`, at, subject }
  await tellPhones(ports, { ...found, tokens, owner }, notice, at)
}

async function tokensOf(ports: Pick<Ports, 'subjects' | 'deployment'>, owner: Owner) {
  const found = await ports.subjects.find({ candidates: [owner] })
  if (!found.ok) return undefined
  const snapshot = await ports.deployment.atRevision(found.value.settings.revision)
  return snapshot.ok ? { tokens: found.value.tokens, snapshot: snapshot.value } : undefined
}
