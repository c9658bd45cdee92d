import type { Ports } from '../../ports/ports.ts'
import type { LostToken } from '../../protocol/token/lost-token-item.ts'
import { done, type Outcome } from '../../refusal.ts'
import { seconds, type Source } from '../../vocabulary.ts'
import { authorizeOwnerChange } from '../access/authorize-owner-change.ts'
import { issueBypassCode } from './bypass-codes.ts'
import { changeFoundToken, findToken } from './change-token.ts'
import type { Credential } from '../access/identify.ts'

/** Long enough to get another phone, or to find the lost one. */
const VALID_FOR = seconds(24 * 3600)

/**
 * Disables the token of a lost phone, withdraws its logins, and issues a bypass code to its owner. The token keeps its key and PIN, so
 * a phone that is found again only needs to be enabled.
 * Refuses: as `authorizeOwnerChange`, `findToken`, `changeFoundToken` and `issueBypassCode`.
 */
export async function markTokenLost(
  ports: Ports,
  credential: Credential,
  source: Source,
  serial: string,
): Promise<Outcome<LostToken>> {
  const authorized = await authorizeOwnerChange(ports, credential, source, 'losttoken', 'POST /token/lost/<serial>')
  if (!authorized.ok) return authorized
  const found = await findToken(ports, serial)
  if (!found.ok) return found
  const { owner } = found.value
  const changed = await changeFoundToken(ports, authorized.value, found.value, () =>
    done({ kind: 'active', active: false }),
  )
  if (!changed.ok) return changed
  const lost = { disabled: changed.value ? 1 : 0 }
  if (owner === undefined) return done(lost)
  const permitted = authorized.value.authorizeFor(owner)
  if (!permitted.ok) return permitted
  const bypass = await issueBypassCode(ports, permitted.value.entry, {
    owner,
    reason: `the phone of ${serial} is lost`,
    validFor: VALID_FOR,
  })
  return bypass.ok ? done({ ...lost, bypass: bypass.value }) : bypass
}
