import { callerRights } from '../../operations/access/caller-rights.ts'
import { limitSignIn, rememberLogin } from '../../operations/access/rate-limits.ts'
import { logOut } from '../../operations/access/log-out.ts'
import { signIn } from '../../operations/access/sign-in.ts'
import type { RefusedLogin } from '../../operations/login/refused-login.ts'
import { challengeDetail, loginShape } from '../../protocol/login/challenge-detail.ts'
import { parseAuth } from '../../protocol/login/client-request.ts'
import { present } from '../../present.ts'
import { success } from '../../protocol/envelope.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { mapOf, integer, listOf, object, oneOf, string, boolean } from '../../protocol/shape.ts'
import { SIGN_IN } from '../../vocabulary.ts'
import type { HttpContext } from '../context.ts'
import { protectedRouteAuthorizingFirst } from '../protected-route.ts'
import { recordRefusal, recordRefusedLogin, recordSuccess } from '../request-audit.ts'
import { wireForm } from '../respond.ts'
import { sendValue, sendDecision, sendOutcome, sendRefusal } from '../send.ts'
import { Router } from '../router.ts'
import { route, addRoutes } from '../route.ts'
import { isUpstreamSignIn, passSignIn } from '../upstream/sign-in.ts'

export const authRoutes = new Router()

const signInRoute = route(
  {
    summary: 'Sign in',
    description:
      'Administrators sign in by password; those who have a phone also with the `transaction_id` and, as password, the code that ' +
      'the phone shows. If the policy `login_mode` allows it, users sign in by PIN, and with the `transaction_id` once the phone ' +
      'has accepted. Send the API token as `Authorization` with other requests.',
    access: 'anyone',
    parser: parseAuth,
    value: object({
      token: string('The API token'),
      role: oneOf('Role; `enrolling` may only enroll a phone', 'admin', 'helpdesk', 'user', 'enrolling'),
      username: string('Login name'),
      realm: string('Realm of a user; empty for administrators'),
      auth: boolean('true'),
      rights: listOf(string('A right that role and policies allow')),
      menus: listOf(string('Always empty')),
      log_level: integer('30'),
      logout_time: integer('Seconds after which a console signs out'),
    }),
    detail: loginShape,
    refuses: [401, 403],
    example: { username: 'admin', password: '…' },
  },
  async (c, parse) => {
    const request = await parse()
    if (!request.ok) {
      recordRefusal(c, SIGN_IN, request.refusal)
      return sendRefusal(c, request.refusal, {})
    }
    const { upstream } = c.var.ports
    if (upstream !== undefined && (await isUpstreamSignIn(c, request.value))) return passSignIn(c, upstream)
    const { username, realm: inRealm, transactionId } = request.value
    const subject = { user: username, ...present({ realm: inRealm }) }
    const limited = await limitSignIn(c.var.ports, c.var.source, { ...subject, ...present({ transactionId }) })
    if (!limited.ok) return sendRefusal(c, limited.refusal, {})
    const signing = signIn(c.var.ports, c.var.source, request.value, c.req.raw.signal)
    c.executionCtx.waitUntil(signing)
    const signedIn = await signing
    if (!signedIn.ok) return sendFailedSignIn(c, signedIn)
    if ('challenges' in signedIn.value) return sendDecision(c, false, challengeDetail(signedIn.value))
    rememberLogin(c.var.ports, 'sign_in', c.var.source, subject)
    const { token, name, realm, role, rights, logoutTime } = signedIn.value
    // The sign-in of a user is a login, which has its own audit entries.
    const info = role === 'enrolling' ? 'signed in to enroll a phone' : 'signed in'
    if (role !== 'user') recordSuccess(c, SIGN_IN, info, { administrator: name }, 'ACCEPT')
    const value = {
      token,
      // The PHP client reads the first `role` in the response and accepts only `admin`, and a plugin signs in to trigger.
      // Source: docs/protocol.md, "Sign-in".
      role: role === 'validate' ? 'admin' : role,
      username: name,
      realm,
      auth: true,
      rights,
      menus: [],
      log_level: 30,
      logout_time: logoutTime,
    }
    return c.json(success(2, value, { authentication: 'ACCEPT' }, c.var.ports.now()))
  },
)
addRoutes(authRoutes, '/auth', { POST: signInRoute })

/** Refuses a sign-in. Every reason about a token or phone becomes `credentials_wrong`, so that a stranger learns nothing.
 *  The second leg, for which one needs the transaction id, gets the reason in the detail.
 *  Source: docs/protocol.md, "Sign-in by push". */
function sendFailedSignIn(c: HttpContext, refused: RefusedLogin): Response {
  recordRefusedLogin(c, refused)
  const { refusal, disclosure } = refused
  const wire = wireForm(refusal)
  if (wire.kind === 'error' && refusal.reason !== 'token_revoked') return sendRefusal(c, refusal, {})
  const detail = disclosure === 'full' ? { message: wire.message } : {}
  return sendRefusal(c, { reason: 'credentials_wrong' }, detail)
}

addRoutes(authRoutes, '/auth/logout', {
  POST: protectedRouteAuthorizingFirst(
    {
      summary: 'Log out',
      description: 'The API token that the request carries becomes invalid at once, everywhere.',
      access: 'session',
      parser: parseNothing,
      value: boolean('true'),
    },
    async (c, credential, request) =>
      sendOutcome(c, await logOut(c.var.ports, credential, c.var.source, request), () => true),
  ),
})

/** The token types that the caller may enroll, which consoles read before they offer enrollment. Source: golden 26. */
addRoutes(authRoutes, '/auth/rights', {
  GET: route(
    {
      summary: 'List the token types that the caller may enroll',
      access: 'self',
      parser: parseNothing,
      value: mapOf(string('Description'), 'By type'),
    },
    async (c) => {
      const { ports } = c.var
      const credential = await c.var.credential()
      if (!credential.ok) return sendRefusal(c, credential.refusal, {})
      const rights = await callerRights(ports, credential.value)
      if (!rights.ok) return sendRefusal(c, rights.refusal, {})
      return sendValue(c, rights.value.includes('enrollPUSH') ? { push: 'Push: confirm a login on the phone.' } : {})
    },
  ),
})
