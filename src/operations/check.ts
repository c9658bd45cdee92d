import type { Ports } from '../ports/ports.ts'
import type { Outcome, Refusal } from '../refusal.ts'
import type { Source } from '../vocabulary.ts'
import type { Credential } from './identify.ts'
import type { Triggered, TriggerRequest } from './trigger.ts'
import { trigger } from './trigger.ts'
import type { Tokenless } from './without-token.ts'
import { withoutToken } from './without-token.ts'

/** What `trigger` refuses a user for who may have no token. */
const MAY_HAVE_NONE: readonly Refusal['reason'][] = ['owner_has_no_tokens', 'no_suitable_token']

/** The first leg of a login: whoever has a phone is rung, whoever has no token is treated as policy says.
 *  Refuses: as `trigger`, as `withoutToken`. */
export async function check(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: TriggerRequest,
): Promise<Outcome<Triggered | Tokenless>> {
  const rung = await trigger(ports, credential, source, request)
  if (rung.ok || !MAY_HAVE_NONE.includes(rung.refusal.reason)) return rung
  return withoutToken(ports, credential, source, request, rung.refusal)
}
