import { callerRights } from '../operations/access/caller-rights.ts'
import { SIGN_IN, signIn } from '../operations/access/sign-in.ts'
import { challengeDetail, loginShape } from '../protocol/login/challenge-answer.ts'
import type { Login } from '../protocol/login/client-request.ts'
import { parseAuth } from '../protocol/login/client-request.ts'
import { success } from '../protocol/envelope.ts'
import { readingNothing } from '../protocol/parameters.ts'
import { byName, integer, listOf, object, oneOf, string, boolean } from '../protocol/shape.ts'
import type { Refusal } from '../refusal.ts'
import type { Asked } from './context.ts'
import { note, noteDone } from './noted.ts'
import { answered, decided, refused, wireOf } from './respond.ts'
import { Room } from './room.ts'
import { declared, methods } from './routes.ts'

export const auth = new Room()

const signingIn = declared(
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
      note(c, SIGN_IN, asked.refusal)
      return refused(c, asked.refusal, {})
    }
    const signing = signIn(c.var.ports, c.var.source, asked.value, c.req.raw.signal)
    c.executionCtx.waitUntil(signing)
    const signed = await signing
    if (!signed.ok) return turnedAway(c, asked.value, signed.refusal)
    if ('challenges' in signed.value) return decided(c, false, challengeDetail(signed.value))
    const { token, name, realm, role, rights, logoutTime } = signed.value
    // What a user's phone approved is told of by the login itself.
    if (role !== 'user') noteDone(c, SIGN_IN, 'signed in', { administrator: name }, 'ACCEPT')
    // php-client takes the first `role` it finds, and wants `admin`: helpdesk may not trigger. Source: contract 13.1.
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
methods(auth, '/auth', { POST: signingIn })

/** A sign-in has failed. Whatever a phone or its token has to do with it, it reads as wrong credentials; of a second leg, which
 *  no stranger has, the reason is told beside it. Source: observed 2. */
function turnedAway(c: Asked, { username, realm, transactionId }: Login, refusal: Refusal): Response {
  note(c, SIGN_IN, refusal, { user: username, realm, transactionId })
  const wire = wireOf(refusal)
  if (wire.kind === 'error' && refusal.reason !== 'token_revoked') return refused(c, refusal, {})
  const detail = transactionId === undefined ? {} : { message: wire.message }
  return refused(c, { reason: 'credentials_wrong' }, detail)
}

/** What this caller may enroll: consoles ask before they offer it. Source: golden 26. */
methods(auth, '/auth/rights', {
  GET: declared(
    {
      summary: 'Tell which types of token the caller may enroll',
      who: 'self',
      reads: readingNothing,
      value: byName(string('What it is'), 'By type'),
    },
    async (c) => {
      const { credential, ports } = c.var
      if (!credential.ok) return refused(c, credential.refusal, {})
      const rights = await callerRights(ports, credential.value)
      if (!rights.ok) return refused(c, rights.refusal, {})
      return answered(c, rights.value.includes('enrollPUSH') ? { push: 'Push: confirm a login on the phone.' } : {})
    },
  ),
})
