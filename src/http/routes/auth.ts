import { callerRights } from '../../operations/access/caller-rights.ts'
import { SIGN_IN, signIn } from '../../operations/access/sign-in.ts'
import { challengeDetail, loginShape } from '../../protocol/login/challenge-detail.ts'
import type { SignInRequest } from '../../protocol/login/client-request.ts'
import { parseAuth } from '../../protocol/login/client-request.ts'
import { success } from '../../protocol/envelope.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { mapOf, integer, listOf, object, oneOf, string, boolean } from '../../protocol/shape.ts'
import type { Refusal } from '../../refusal.ts'
import type { HttpContext } from '../context.ts'
import { recordRefusal, recordSuccess } from '../request-audit.ts'
import { sendValue, sendDecision, sendRefusal, wireForm } from '../respond.ts'
import { Router } from '../router.ts'
import { route, addRoutes } from '../route.ts'

export const authRoutes = new Router()

const signingIn = route(
  {
    summary: 'Sign in',
    description:
      'An administrator by password; a user, where the policy `login_mode` says so, by PIN, and once the phone has approved ' +
      'by `transaction_id`. The API token in the answer goes into the header `Authorization` of what else is asked.',
    who: 'anyone',
    reads: parseAuth,
    value: object({
      token: string('The API token'),
      role: oneOf('Role', 'admin', 'helpdesk', 'user'),
      username: string('Login name'),
      realm: string('Realm of a user; else empty'),
      auth: boolean('true'),
      rights: listOf(string('What role and policies allow')),
      menus: listOf(string('None')),
      log_level: integer('30'),
      logout_time: integer('Seconds after which a console signs out'),
    }),
    detail: loginShape,
    refuses: [401, 403],
    example: { username: 'admin', password: '…' },
  },
  async (c, read) => {
    const asked = await read()
    if (!asked.ok) {
      recordRefusal(c, SIGN_IN, asked.refusal)
      return sendRefusal(c, asked.refusal, {})
    }
    const signing = signIn(c.var.ports, c.var.source, asked.value, c.req.raw.signal)
    c.executionCtx.waitUntil(signing)
    const signed = await signing
    if (!signed.ok) return turnedAway(c, asked.value, signed.refusal)
    if ('challenges' in signed.value) return sendDecision(c, false, challengeDetail(signed.value))
    const { token, name, realm, role, rights, logoutTime } = signed.value
    // What a user's phone approved is told of by the login itself.
    if (role !== 'user') recordSuccess(c, SIGN_IN, 'signed in', { administrator: name }, 'ACCEPT')
    // php-client takes the first `role` it finds, and wants `admin`: helpdesk may not trigger. Source: docs/protocol.md, "Sign-in".
    const value = {
      token,
      role,
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
addRoutes(authRoutes, '/auth', { POST: signingIn })

/** A sign-in has failed. Whatever a phone or its token has to do with it, it reads as wrong credentials; of a second leg, which
 *  no stranger has, the reason is told beside it. Source: docs/protocol.md, "Sign-in by push". */
function turnedAway(c: HttpContext, { username, realm, transactionId }: SignInRequest, refusal: Refusal): Response {
  recordRefusal(c, SIGN_IN, refusal, { user: username, realm, transactionId })
  const wire = wireForm(refusal)
  if (wire.kind === 'error' && refusal.reason !== 'token_revoked') return sendRefusal(c, refusal, {})
  const detail = transactionId === undefined ? {} : { message: wire.message }
  return sendRefusal(c, { reason: 'credentials_wrong' }, detail)
}

/** What this caller may enroll: consoles ask before they offer it. Source: golden 26. */
addRoutes(authRoutes, '/auth/rights', {
  GET: route(
    {
      summary: 'Tell which types of token the caller may enroll',
      who: 'self',
      reads: parseNothing,
      value: mapOf(string('What it is'), 'By type'),
    },
    async (c) => {
      const { credential, ports } = c.var
      if (!credential.ok) return sendRefusal(c, credential.refusal, {})
      const rights = await callerRights(ports, credential.value)
      if (!rights.ok) return sendRefusal(c, rights.refusal, {})
      return sendValue(c, rights.value.includes('enrollPUSH') ? { push: 'Push: confirm a login on the phone.' } : {})
    },
  ),
})
