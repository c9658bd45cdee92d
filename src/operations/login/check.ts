import type { Ports } from '../../ports/ports.ts'
import { parseBypassCode } from '../../protocol/login/bypass-code.ts'
import type { CheckFinalize } from '../../protocol/login/client-request.ts'
import { done, type Outcome, type Refusal } from '../../refusal.ts'
import type { FinalizedLogin } from '../../rules/login/transaction.ts'
import type { Source } from '../../vocabulary.ts'
import { authorizeLogin } from './authorize-login.ts'
import { finalize } from './finalize.ts'
import type { Credential } from '../access/identify.ts'
import { resolveKnownSource } from '../access/believed-address.ts'
import { discloseByPolicy, type LoginOutcome } from './refused-login.ts'
import type { LoginRequest, OpenedLogin } from './login-request.ts'
import { trigger } from './trigger.ts'
import { type BypassedLogin, useBypass } from './use-bypass.ts'
import { type LoginWithoutToken, loginWithoutToken } from './without-token.ts'

/** The reasons for which `trigger` refuses a user who may have no token. */
const WITHOUT_TOKEN: readonly Refusal['reason'][] = ['owner_has_no_tokens', 'no_suitable_token', 'user_unknown']

/** The first leg of a check: a bypass code logs its user in, a phone rings, and a user without a token is treated as policies say.
 *  Refuses: as `useBypass`, `trigger` and `loginWithoutToken`. */
export async function check(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: LoginRequest,
): Promise<LoginOutcome<OpenedLogin | LoginWithoutToken | BypassedLogin>> {
  const call = { action: request.action, source, subject: request.subject }
  return discloseByPolicy(ports, call, bypassOrTrigger(ports, credential, source, request))
}

async function bypassOrTrigger(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: LoginRequest,
): Promise<Outcome<OpenedLogin | LoginWithoutToken | BypassedLogin>> {
  const { subject, action } = request
  const code = parseBypassCode(request.pin?.entry ?? '')
  if (code === undefined) return triggerOrPass(ports, credential, source, request)
  const authorized = await authorizeLogin(ports, credential, source, subject, 'pin')
  if (!authorized.ok) return authorized
  const bypassed = await useBypass(ports, authorized.value, { subject, action, code })
  if (!bypassed.ok) return bypassed
  // Any other text is a PIN: wrong, most likely, and counted as such.
  return bypassed.value === undefined
    ? triggerOrPass(ports, credential, source, request, authorized.value)
    : done(bypassed.value)
}

async function triggerOrPass(
  ...[ports, credential, source, request, authorized]: Parameters<typeof trigger>
): Promise<Outcome<OpenedLogin | LoginWithoutToken>> {
  const opened = await trigger(ports, credential, source, request, authorized)
  // Who has no token here may have one at the upstream.
  if (opened.ok || ports.upstream !== undefined || !WITHOUT_TOKEN.includes(opened.refusal.reason)) return opened
  return loginWithoutToken(ports, credential, source, request, opened.refusal)
}

/** The second leg of a check: finalizes the login. If the user entered a bypass code instead, it logs them in, and the login stays
 *  as it was. Refuses: as `finalize`. */
export async function finalizeOrBypass(
  ports: Ports,
  credential: Credential,
  source: Source,
  request: CheckFinalize,
  action: string,
): Promise<LoginOutcome<FinalizedLogin | BypassedLogin>> {
  const call = { action, source, subject: request, transactionId: request.transactionId }
  return discloseByPolicy(ports, call, bypassOrFinalize(ports, credential, source, request, action))
}

async function bypassOrFinalize(
  ports: Ports,
  credential: Credential,
  peer: Source,
  request: CheckFinalize,
  action: string,
): Promise<Outcome<FinalizedLogin | BypassedLogin>> {
  const source = await resolveKnownSource(ports, peer)
  const code = parseBypassCode(request.entry)
  const authorized = code === undefined ? undefined : await authorizeLogin(ports, credential, source, request, 'pin')
  if (code !== undefined && authorized?.ok === true) {
    const bypassed = await useBypass(ports, authorized.value, { subject: request, code, action })
    // An accepted login is finalized even while D1 is down, whatever was entered.
    if (bypassed.ok && bypassed.value !== undefined) return done(bypassed.value)
  }
  return finalize(ports, credential, source, request, action)
}
