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
import { note } from './noted.ts'
import { parametersOf } from './parameters.ts'
import { answered, refused } from './respond.ts'
import { methods } from './routes.ts'

export const ttype = new Hono<Known>()

async function post(c: Asked, dialect: Dialect): Promise<Response> {
  const { ports } = c.var
  const params = await parametersOf(c)
  const said = params.ok ? parsePhonePost(dialect, params.value) : params
  if (!said.ok) return refused(c, said.refusal)
  switch (said.value.kind) {
    case 'answer': {
      const reply = await answer(ports, said.value)
      if (!reply.ok) return refused(c, reply.refusal)
      const { accepted, code, message } = reply.value
      return answered(c, accepted, code === undefined ? undefined : { display_code: code, message })
    }
    case 'register': {
      const registered = await register(ports, said.value)
      if (!registered.ok) {
        note(c, `POST ${dialect.path}`, registered.refusal, said.value)
        return refused(c, registered.refusal)
      }
      const { serial, publicKey } = registered.value
      return answered(c, true, { serial, rollout_state: 'enrolled', public_key: publicKey })
    }
    case 'refresh': {
      const refreshed = await refresh(ports, said.value)
      if (refreshed.ok) return answered(c, true)
      note(c, `POST ${dialect.path}`, refreshed.refusal, said.value)
      return refused(c, refreshed.refusal)
    }
  }
}

async function get(c: Asked, { type, path }: Dialect): Promise<Response> {
  const params = await parametersOf(c)
  const asked = params.ok ? parsePhonePoll(params.value) : params
  const prompts = await phonePoll(c.var.ports, c.var.source, type, asked)
  if (prompts.ok) return answered(c, prompts.value)
  if (prompts.refusal.reason === 'signature_invalid')
    note(c, `GET ${path}`, prompts.refusal, asked.ok ? asked.value : {})
  return refused(c, prompts.refusal)
}

for (const dialect of Object.values(DIALECTS)) {
  methods(ttype, dialect.path, { GET: (c) => get(c, dialect), POST: (c) => post(c, dialect) })
  methods(ttype, `${dialect.path}/info`, { GET: (c) => answered(c, classInfo(dialect.type)) })
}
methods(ttype, '/ttype/:type', {
  GET: (c) => refused(c, { reason: 'endpoint_type_unknown', type: c.req.param('type') ?? '' }),
  POST: (c) => refused(c, { reason: 'endpoint_type_unknown', type: c.req.param('type') ?? '' }),
})
