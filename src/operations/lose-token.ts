import type { Ports } from '../ports/ports.ts'
import type { Outcome } from '../refusal.ts'
import { done } from '../refusal.ts'
import type { Source } from '../vocabulary.ts'
import { changeTokens } from './change-tokens.ts'
import type { Credential } from './identify.ts'

/** What was done about a phone that is lost. */
export interface Lost {
  /** How many tokens were disabled: none if it was already. */
  readonly disabled: number
}

/**
 * The phone is lost: its token is disabled at once, what it is asked withdrawn. Nothing of the token is taken away, so that
 * a phone that is found again only needs enabling.
 * Refuses: as `changeTokens` of one token.
 */
export async function loseToken(
  ports: Ports,
  credential: Credential,
  source: Source,
  serial: string,
): Promise<Outcome<Lost>> {
  const asking = { credential, source, action: 'POST /token/lost/<serial>' }
  const disabled = await changeTokens(ports, asking, { serials: [serial] }, () =>
    done({ kind: 'active', active: false }),
  )
  // Whatever lets the owner in meanwhile joins here, in privacyIDEA's shape: `protocol/lost-answer.ts`.
  return disabled.ok ? done({ disabled: disabled.value.serials.length }) : disabled
}
