import { authorize } from '../operations/identify.ts'
import { signIn } from '../operations/sign-in.ts'
import { parseAuth } from '../protocol/client-request.ts'
import { success } from '../protocol/envelope.ts'
import { readingNothing } from '../protocol/parameters.ts'
import { byName, integer, listOf, object, oneOf, string, boolean } from '../protocol/shape.ts'
import { note, noteDone } from './noted.ts'
import { answered, refused } from './respond.ts'
import { Room } from './room.ts'
import { declared, methods } from './routes.ts'

export const auth = new Room()

const signingIn = declared(
  {
    summary: 'Sign in as an administrator',
    description: 'The API token in the answer goes into the header `Authorization` of what else is asked.',
    who: 'anyone',
    reads: parseAuth,
    value: object({
      token: string('The API token, valid for an hour'),
      role: oneOf('Role of the administrator', 'admin', 'helpdesk'),
      username: string('Login name'),
      realm: string('Empty'),
      auth: boolean('true'),
      rights: listOf(string('None')),
      menus: listOf(string('None')),
      log_level: integer('30'),
      logout_time: integer('120'),
    }),
    refuses: [401],
    example: { username: 'admin', password: '…' },
  },
  async (c, read) => {
    const asked = await read()
    const signed = asked.ok ? await signIn(c.var.ports, asked.value, c.var.source) : asked
    if (!signed.ok) {
      note(c, 'POST /auth', signed.refusal, asked.ok ? { user: asked.value.username } : {})
      return refused(c, signed.refusal, {})
    }
    const { token, name, role } = signed.value
    noteDone(c, 'POST /auth', 'signed in', { administrator: name }, 'ACCEPT')
    // php-client takes the first `role` it finds, and wants `admin`: helpdesk may not trigger. Source: contract 13.1.
    const value = {
      token,
      role,
      username: name,
      realm: '',
      auth: true,
      rights: [],
      menus: [],
      log_level: 30,
      logout_time: 120,
    }
    return c.json(success(2, value, { authentication: 'ACCEPT' }, c.var.ports.now()))
  },
)
methods(auth, '/auth', { POST: signingIn })

/** What this caller may enroll: consoles ask before they offer it. Source: golden 26. */
methods(auth, '/auth/rights', {
  GET: declared(
    {
      summary: 'Tell which types of token the caller may enroll',
      who: 'helpdesk',
      reads: readingNothing,
      value: byName(string('What it is'), 'By type'),
    },
    async (c) => {
      const { credential, ports } = c.var
      if (!credential.ok) return refused(c, credential.refusal, {})
      const authorized = await authorize(ports, credential.value, ['helpdesk'])
      if (!authorized.ok) return refused(c, authorized.refusal, {})
      return answered(c, { push: 'Push: confirm a login on the phone.' })
    },
  ),
})
