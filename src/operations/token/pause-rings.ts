import type { Ports } from '../../ports/ports.ts'
import type { TokenSelection } from '../../protocol/token/token-change-request.ts'
import { done, type Outcome, refuse } from '../../refusal.ts'
import { LONGEST_OWN_PAUSE } from '../../rules/token/ring-pause.ts'
import { addSeconds, type Seconds } from '../../vocabulary.ts'
import { changeTokens, type TokenChangeContext, type TokenChangeResult } from './change-tokens.ts'

/** Pauses the rings of the selected tokens. Until the pause is over their phones are not rung, and logins open in a mode that needs what
 *  the login screen shows. An earlier pause is replaced. Refuses: as `changeTokens`; `parameter_invalid` for more than a day, if a user
 *  pauses their own. */
export async function pauseRings(
  ports: Ports,
  context: TokenChangeContext,
  tokens: TokenSelection,
  pauseFor: Seconds,
): Promise<Outcome<TokenChangeResult>> {
  if (context.credential.kind === 'user' && pauseFor > LONGEST_OWN_PAUSE)
    return refuse({
      reason: 'parameter_invalid',
      name: 'minutes',
      why: `users pause for at most ${LONGEST_OWN_PAUSE / 60}`,
    })
  const until = addSeconds(ports.now(), pauseFor)
  const info = `for ${pauseFor / 60} minutes`
  return changeTokens(ports, { ...context, info }, tokens, () => done({ kind: 'rings_paused', until }))
}

/** Ends the pause of the selected tokens. Refuses: as `changeTokens`. */
export const resumeRings = (
  ports: Ports,
  context: TokenChangeContext,
  tokens: TokenSelection,
): Promise<Outcome<TokenChangeResult>> => changeTokens(ports, context, tokens, () => done({ kind: 'rings_paused' }))
