import { answer } from '../../operations/phone/answer.ts'
import { tokenTypeInfo } from '../../operations/token/token-type-info.ts'
import { phonePoll } from '../../operations/phone/phone-poll.ts'
import { refresh } from '../../operations/phone/refresh.ts'
import { register } from '../../operations/phone/register.ts'
import type { Dialect } from '../../protocol/phone/dialect.ts'
import { dialectOf, DIALECTS } from '../../protocol/phone/dialect.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import type { PhoneAnswer, PhonePoll, RefreshRequest, RegisterRequest } from '../../protocol/phone/phone-request.ts'
import {
  parsePhonePoll,
  parsePollOfAnyType,
  parsePostOfAnyType,
  phonePostParser,
} from '../../protocol/phone/phone-request.ts'
import { definitionsShape } from '../../protocol/policy/policy-form.ts'
import { mapOf, listOf, object, string, boolean } from '../../protocol/shape.ts'
import type { Outcome, Refusal } from '../../refusal.ts'
import type { HttpContext } from '../context.ts'
import { recordRefusal, recordSuccess, recordUnmatchedAnswer } from '../request-audit.ts'
import { sendValue, sendRefusal, wireForm } from '../respond.ts'
import { Router } from '../router.ts'
import { route, addRoutes } from '../route.ts'

export const phoneRoutes = new Router()

/** Routes as the audit names them; the words are privacyIDEA's. */
const POSTED = 'POST /ttype/<ttype>'
const POLLED = 'GET /ttype/<ttype>'

async function post(c: HttpContext, said: Outcome<RegisterRequest | PhoneAnswer | RefreshRequest>): Promise<Response> {
  const { ports } = c.var
  if (!said.ok) return sendRefusal(c, said.refusal)
  switch (said.value.kind) {
    case 'answer': {
      const { address, userAgent } = c.var.source
      const reply = await answer(ports, said.value, { action: POSTED, address, userAgent })
      if (!reply.ok) {
        recordRefusal(c, POSTED, reply.refusal, said.value)
        return unread(c, reply.refusal)
      }
      const { accepted, code, message, unheard } = reply.value
      if (unheard) recordUnmatchedAnswer(c, POSTED, said.value.serial)
      return sendValue(c, accepted, code === undefined ? undefined : { display_code: code, message })
    }
    case 'register': {
      const registered = await register(ports, said.value, c.var.source.userAgent)
      if (!registered.ok) {
        recordRefusal(c, POSTED, registered.refusal, said.value)
        return sendRefusal(c, registered.refusal)
      }
      const { serial, publicKey, owner } = registered.value
      recordSuccess(c, POSTED, 'registered', { serial, owner })
      return sendValue(c, true, { serial, rollout_state: 'enrolled', public_key: publicKey })
    }
    case 'refresh': {
      const refreshed = await refresh(ports, said.value, c.var.source.userAgent)
      if (!refreshed.ok) {
        recordRefusal(c, POSTED, refreshed.refusal, said.value)
        return sendRefusal(c, refreshed.refusal)
      }
      recordSuccess(c, POSTED, 'registration token replaced', {
        serial: said.value.serial,
        owner: refreshed.value.owner,
      })
      return sendValue(c, true)
    }
  }
}

/** A refusal to a phone that has answered: any JSON would take the request off its screen, and the answer would be gone;
 *  without one it can be given again. Source: docs/protocol.md, "Phone answer". */
function unread(c: HttpContext, refusal: Refusal): Response {
  const wire = wireForm(refusal)
  if (wire.kind === 'reject' || refusal.reason !== 'storage_unavailable') return sendRefusal(c, refusal)
  c.set('refusal', refusal)
  return c.text(wire.message, wire.status, wire.headers)
}

async function get(c: HttpContext, asked: Outcome<PhonePoll>, { type }: Dialect): Promise<Response> {
  const prompts = await phonePoll(c.var.ports, c.var.source, type, asked)
  if (prompts.ok) return sendValue(c, prompts.value)
  if (prompts.refusal.reason === 'signature_invalid')
    recordRefusal(c, POLLED, prompts.refusal, asked.ok ? asked.value : {})
  return sendRefusal(c, prompts.refusal)
}

const POST = {
  summary: 'The phone registers, answers, or has a new registration token',
  description: 'Which of the three it is, the fields say that are there. Nothing else of the body is read.',
  who: 'anyone',
  value: boolean('An answer: whether it was taken as a yes'),
  detail: object(
    {},
    {
      serial: string('After registering: the serial'),
      rollout_state: string('enrolled'),
      public_key: string("The server's key, PKCS#1 in base64: what prompts are signed with"),
      display_code: string('After a yes: the code to show, where the login asks for one'),
      message: string('What to tell the user about it'),
    },
  ),
} as const
const GET = {
  summary: 'The phone asks for its prompts',
  who: 'anyone',
  value: listOf(mapOf(string('As signed'), 'What a push message would bring'), 'The newest first, at most 5'),
  refuses: [403],
} as const

for (const dialect of Object.values(DIALECTS)) {
  addRoutes(phoneRoutes, dialect.path, {
    GET: route({ ...GET, reads: parsePhonePoll }, async (c, read) => get(c, await read(), dialect)),
    POST: route({ ...POST, reads: phonePostParser(dialect) }, async (c, read) => post(c, await read())),
  })
  const about = {
    summary: `What there is to say of ${dialect.appName}`,
    who: 'anyone',
    reads: parseNothing,
    value: object({
      type: string(dialect.type),
      title: string('Name'),
      description: string('What it is'),
      policy: definitionsShape,
    }),
  } as const
  addRoutes(phoneRoutes, `${dialect.path}/info`, {
    GET: route(about, (c) => sendValue(c, tokenTypeInfo(dialect.type))),
  })
}

addRoutes(phoneRoutes, '/ttype/:type', {
  GET: route({ ...GET, reads: parsePollOfAnyType }, async (c, read) => {
    const type = c.req.param('type') ?? ''
    const dialect = dialectOf(type)
    return dialect === undefined
      ? sendRefusal(c, { reason: 'endpoint_type_unknown', type })
      : get(c, await read(), dialect)
  }),
  POST: route({ ...POST, reads: parsePostOfAnyType }, async (c, read) => post(c, await read())),
})
