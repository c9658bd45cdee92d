import type { Ports } from '../../ports/ports.ts'
import type { LostToken } from '../../protocol/token/lost-token-item.ts'
import type { Outcome } from '../../refusal.ts'
import { done } from '../../refusal.ts'
import type { Source } from '../../vocabulary.ts'
import { seconds } from '../../vocabulary.ts'
import { authorizeOwnerChange } from '../access/authorize-owner-change.ts'
import { issueBypassCode } from './bypass-codes.ts'
import { changeFoundToken, findToken } from './change-token.ts'
import type { Credential } from '../access/identify.ts'

/** Long enough to get another phone, or to find this one. */
const VALID_FOR = seconds(24 * 3600)

/**
 * The phone is lost: its token is disabled at once, what it is asked withdrawn, and its owner has a code that lets them in
 * once. Nothing of the token is taken away, so that a phone that is found again only needs enabling.
 * Refuses: who may not; as `tokenNamed`, `changeFound`, `issueBypassCode`.
 */
export async function markTokenLost(
  ports: Ports,
  credential: Credential,
  source: Source,
  serial: string,
): Promise<Outcome<LostToken>> {
  const acting = await authorizeOwnerChange(ports, credential, source, 'losttoken', 'POST /token/lost/<serial>')
  if (!acting.ok) return acting
  const found = await findToken(ports, serial)
  if (!found.ok) return found
  const { owner } = found.value
  const changed = await changeFoundToken(ports, acting.value, found.value, () =>
    done({ kind: 'active', active: false }),
  )
  if (!changed.ok) return changed
  const lost = { disabled: changed.value ? 1 : 0 }
  if (owner === undefined) return done(lost)
  const may = acting.value.authorizeFor(owner)
  if (!may.ok) return may
  const bypass = await issueBypassCode(ports, may.value.entry, {
    owner,
    reason: `the phone of ${serial} is lost`,
    validFor: VALID_FOR,
  })
  return bypass.ok ? done({ ...lost, bypass: bypass.value }) : bypass
}
