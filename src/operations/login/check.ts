import type { Ports } from '../../ports/ports.ts'
import { parseBypassCode } from '../../protocol/login/bypass-code.ts'
import type { CheckFinalize } from '../../protocol/login/client-request.ts'
import type { Outcome, Refusal } from '../../refusal.ts'
import { done } from '../../refusal.ts'
import type { Used } from '../../rules/login/transaction.ts'
import type { Source } from '../../vocabulary.ts'
import { authorizeLogin } from './authorize-login.ts'
import { finalize } from './finalize.ts'
import type { Credential } from '../access/identify.ts'
import { resolveKnownSource } from './login-subject.ts'
import type { LoginOutcome } from './refused-login.ts'
import { discloseByPolicy } from './refused-login.ts'
import type { OpenedLogin, TriggerRequest } from './trigger.ts'
import { trigger } from './trigger.ts'
import type { BypassedLogin } from './use-bypass.ts'
import { useBypass } from './use-bypass.ts'
import type { LoginWithoutToken } from './without-token.ts'
import { loginWithoutToken } from './without-token.ts'

/** What `trigger` refuses a user for who may have no token. */
const MAY_HAVE_NONE: readonly Refusal['reason'][] = ['owner_has_no_tokens', 'no_suitable_token', 'user_unknown']

/** The first leg of a login: whoever enters a bypass code passes by it, whoever has a phone is rung, whoever has no token is
 *  treated as policy says. Refuses: as `trigger`, as `withoutToken`. */
export async function check(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: TriggerRequest,
): Promise<LoginOutcome<OpenedLogin | LoginWithoutToken | BypassedLogin>> {
  const call = { action: request.route, source, subject: request.subject }
  return discloseByPolicy(ports, call, openOrBypass(ports, credential, source, request))
}

async function openOrBypass(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: TriggerRequest,
): Promise<Outcome<OpenedLogin | LoginWithoutToken | BypassedLogin>> {
  const code = parseBypassCode(request.pin?.given ?? '')
  if (code === undefined) return ringOrNot(ports, credential, source, request)
  const approached = await authorizeLogin(ports, credential, source, request.subject, 'pin')
  if (!approached.ok) return approached
  const used = await useBypass(ports, approached.value, { ...request, code })
  if (!used.ok) return used
  // What is no open code of theirs is a PIN like any other: wrong, most likely, and counted as such.
  return used.value === undefined ? ringOrNot(ports, credential, source, request, approached.value) : done(used.value)
}

async function ringOrNot(
  ...[ports, credential, source, request, read]: Parameters<typeof trigger>
): Promise<Outcome<OpenedLogin | LoginWithoutToken>> {
  const rung = await trigger(ports, credential, source, request, read)
  if (rung.ok || !MAY_HAVE_NONE.includes(rung.refusal.reason)) return rung
  return loginWithoutToken(ports, credential, source, request, rung.refusal)
}

/** The second leg. Where the login page asks beside the phone, a bypass code may be what is entered: it lets the user in, and
 *  the login it was entered for stays unused. Refuses: as `finalize`. */
export async function finalizeOrBypass(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: CheckFinalize,
  route: string,
): Promise<LoginOutcome<Used | BypassedLogin>> {
  const call = { action: route, source, subject: request, transactionId: request.transactionId }
  return discloseByPolicy(ports, call, bypassOrFinalize(ports, credential, source, request, route))
}

async function bypassOrFinalize(
  ports: Ports,
  credential: Credential,
  from: Source,
  request: CheckFinalize,
  route: string,
): Promise<Outcome<Used | BypassedLogin>> {
  const source = await resolveKnownSource(ports, from)
  const code = parseBypassCode(request.entry)
  const approached = code === undefined ? undefined : await authorizeLogin(ports, credential, source, request, 'pin')
  if (code !== undefined && approached?.ok === true) {
    const used = await useBypass(ports, approached.value, { subject: request, code, route })
    // An accepted login is finalized while D1 is down, whatever is entered beside it.
    if (used.ok && used.value !== undefined) return done(used.value)
  }
  return finalize(ports, credential, source, request, route)
}
