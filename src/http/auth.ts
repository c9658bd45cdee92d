import { Hono } from 'hono'
import { authorize } from '../operations/identify.ts'
import { signIn } from '../operations/sign-in.ts'
import { parseAuth } from '../protocol/client-request.ts'
import { success } from '../protocol/envelope.ts'
import type { Known } from './context.ts'
import { note, noteDone } from './noted.ts'
import { parametersOf } from './parameters.ts'
import { answered, refused } from './respond.ts'
import { methods } from './routes.ts'

export const auth = new Hono<Known>()

methods(auth, '/auth', {
  POST: async (c) => {
    const params = await parametersOf(c)
    const asked = params.ok ? parseAuth(params.value) : params
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
})

/** What this caller may enroll: consoles ask before they offer it. Source: golden 26. */
methods(auth, '/auth/rights', {
  GET: async (c) => {
    const { credential, ports } = c.var
    if (!credential.ok) return refused(c, credential.refusal, {})
    const authorized = await authorize(ports, credential.value, ['helpdesk'])
    if (!authorized.ok) return refused(c, authorized.refusal, {})
    return answered(c, { push: 'Push: confirm a login on the phone.' })
  },
})
