import { Hono } from 'hono'
import { answer } from '../operations/answer.ts'
import { classInfo } from '../operations/class-info.ts'
import { phonePoll } from '../operations/phone-poll.ts'
import { refresh } from '../operations/refresh.ts'
import { register } from '../operations/register.ts'
import type { Dialect } from '../protocol/dialect.ts'
import { DIALECTS } from '../protocol/dialect.ts'
import { parsePhonePoll, parsePhonePost } from '../protocol/phone-request.ts'
import type { Asked, Known } from './context.ts'
import { note, noteDone, noteUnheard } from './noted.ts'
import { parametersOf } from './parameters.ts'
import { answered, refused } from './respond.ts'
import { methods } from './routes.ts'

export const ttype = new Hono<Known>()

/** Routes as the audit names them; the words are privacyIDEA's. */
const POSTED = 'POST /ttype/<ttype>'
const POLLED = 'GET /ttype/<ttype>'

async function post(c: Asked, dialect: Dialect): Promise<Response> {
  const { ports } = c.var
  const params = await parametersOf(c)
  const said = params.ok ? parsePhonePost(dialect, params.value) : params
  if (!said.ok) return refused(c, said.refusal)
  switch (said.value.kind) {
    case 'answer': {
      const { address, userAgent } = c.var.source
      const reply = await answer(ports, said.value, { action: POSTED, address, userAgent })
      if (!reply.ok) {
        note(c, POSTED, reply.refusal, said.value)
        return refused(c, reply.refusal)
      }
      const { accepted, code, message, unheard } = reply.value
      if (unheard) noteUnheard(c, POSTED, said.value.serial)
      return answered(c, accepted, code === undefined ? undefined : { display_code: code, message })
    }
    case 'register': {
      const registered = await register(ports, said.value)
      if (!registered.ok) {
        note(c, POSTED, registered.refusal, said.value)
        return refused(c, registered.refusal)
      }
      const { serial, publicKey, owner } = registered.value
      noteDone(c, POSTED, 'registered', { serial, owner })
      return answered(c, true, { serial, rollout_state: 'enrolled', public_key: publicKey })
    }
    case 'refresh': {
      const refreshed = await refresh(ports, said.value)
      if (!refreshed.ok) {
        note(c, POSTED, refreshed.refusal, said.value)
        return refused(c, refreshed.refusal)
      }
      noteDone(c, POSTED, 'registration token replaced', { serial: said.value.serial, owner: refreshed.value.owner })
      return answered(c, true)
    }
  }
}

async function get(c: Asked, { type }: Dialect): Promise<Response> {
  const params = await parametersOf(c)
  const asked = params.ok ? parsePhonePoll(params.value) : params
  const prompts = await phonePoll(c.var.ports, c.var.source, type, asked)
  if (prompts.ok) return answered(c, prompts.value)
  if (prompts.refusal.reason === 'signature_invalid') note(c, POLLED, prompts.refusal, asked.ok ? asked.value : {})
  return refused(c, prompts.refusal)
}

for (const dialect of Object.values(DIALECTS)) {
  methods(ttype, dialect.path, { GET: (c) => get(c, dialect), POST: (c) => post(c, dialect) })
  methods(ttype, `${dialect.path}/info`, { GET: (c) => answered(c, classInfo(dialect.type)) })
}
/** privacyIDEA reads the type in any case. Refuses: `endpoint_type_unknown`. */
const anyCase = (reply: (c: Asked, dialect: Dialect) => Promise<Response>) => (c: Asked) => {
  const type = c.req.param('type') ?? ''
  const dialect = Object.values(DIALECTS).find((one) => one.type === type.toLowerCase())
  return dialect === undefined ? refused(c, { reason: 'endpoint_type_unknown', type }) : reply(c, dialect)
}

methods(ttype, '/ttype/:type', { GET: anyCase(get), POST: anyCase(post) })
