import { answer } from '../operations/phone/answer.ts'
import { classInfo } from '../operations/phone/class-info.ts'
import { phonePoll } from '../operations/phone/phone-poll.ts'
import { refresh } from '../operations/phone/refresh.ts'
import { register } from '../operations/phone/register.ts'
import type { Dialect } from '../protocol/phone/dialect.ts'
import { dialectOf, DIALECTS } from '../protocol/phone/dialect.ts'
import { readingNothing } from '../protocol/parameters.ts'
import type { Answer, PhonePoll, Refresh, Register } from '../protocol/phone/phone-request.ts'
import { parsePhonePoll, pollsOfAnyType, postsOfAnyType, phonePosts } from '../protocol/phone/phone-request.ts'
import { definitionsShape } from '../protocol/policy/policy-form.ts'
import { byName, listOf, object, string, boolean } from '../protocol/shape.ts'
import type { Outcome, Refusal } from '../refusal.ts'
import type { Asked } from './context.ts'
import { note, noteDone, noteUnheard } from './noted.ts'
import { answered, refused, wireOf } from './respond.ts'
import { Room } from './room.ts'
import { declared, methods } from './routes.ts'

export const ttype = new Room()

/** Routes as the audit names them; the words are privacyIDEA's. */
const POSTED = 'POST /ttype/<ttype>'
const POLLED = 'GET /ttype/<ttype>'

async function post(c: Asked, said: Outcome<Register | Answer | Refresh>): Promise<Response> {
  const { ports } = c.var
  if (!said.ok) return refused(c, said.refusal)
  switch (said.value.kind) {
    case 'answer': {
      const { address, userAgent } = c.var.source
      const reply = await answer(ports, said.value, { action: POSTED, address, userAgent })
      if (!reply.ok) {
        note(c, POSTED, reply.refusal, said.value)
        return unread(c, reply.refusal)
      }
      const { accepted, code, message, unheard } = reply.value
      if (unheard) noteUnheard(c, POSTED, said.value.serial)
      return answered(c, accepted, code === undefined ? undefined : { display_code: code, message })
    }
    case 'register': {
      const registered = await register(ports, said.value, c.var.source.userAgent)
      if (!registered.ok) {
        note(c, POSTED, registered.refusal, said.value)
        return refused(c, registered.refusal)
      }
      const { serial, publicKey, owner } = registered.value
      noteDone(c, POSTED, 'registered', { serial, owner })
      return answered(c, true, { serial, rollout_state: 'enrolled', public_key: publicKey })
    }
    case 'refresh': {
      const refreshed = await refresh(ports, said.value, c.var.source.userAgent)
      if (!refreshed.ok) {
        note(c, POSTED, refreshed.refusal, said.value)
        return refused(c, refreshed.refusal)
      }
      noteDone(c, POSTED, 'registration token replaced', { serial: said.value.serial, owner: refreshed.value.owner })
      return answered(c, true)
    }
  }
}

/** A refusal to a phone that has answered: any JSON would take the request off its screen, and the answer would be gone;
 *  without one it can be given again. Source: contract 6. */
function unread(c: Asked, refusal: Refusal): Response {
  const wire = wireOf(refusal)
  if (wire.kind === 'reject' || refusal.reason !== 'storage_unavailable') return refused(c, refusal)
  c.set('refusal', refusal)
  return c.text(wire.message, wire.status, wire.headers)
}

async function get(c: Asked, asked: Outcome<PhonePoll>, { type }: Dialect): Promise<Response> {
  const prompts = await phonePoll(c.var.ports, c.var.source, type, asked)
  if (prompts.ok) return answered(c, prompts.value)
  if (prompts.refusal.reason === 'signature_invalid') note(c, POLLED, prompts.refusal, asked.ok ? asked.value : {})
  return refused(c, prompts.refusal)
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
  value: listOf(byName(string('As signed'), 'What a push message would bring'), 'The newest first, at most 5'),
  refuses: [403],
} as const

for (const dialect of Object.values(DIALECTS)) {
  methods(ttype, dialect.path, {
    GET: declared({ ...GET, reads: parsePhonePoll }, async (c, read) => get(c, await read(), dialect)),
    POST: declared({ ...POST, reads: phonePosts(dialect) }, async (c, read) => post(c, await read())),
  })
  const about = {
    summary: `What there is to say of ${dialect.app}`,
    who: 'anyone',
    reads: readingNothing,
    value: object({
      type: string(dialect.type),
      title: string('Name'),
      description: string('What it is'),
      policy: definitionsShape,
    }),
  } as const
  methods(ttype, `${dialect.path}/info`, { GET: declared(about, (c) => answered(c, classInfo(dialect.type))) })
}

methods(ttype, '/ttype/:type', {
  GET: declared({ ...GET, reads: pollsOfAnyType }, async (c, read) => {
    const type = c.req.param('type') ?? ''
    const dialect = dialectOf(type)
    return dialect === undefined ? refused(c, { reason: 'endpoint_type_unknown', type }) : get(c, await read(), dialect)
  }),
  POST: declared({ ...POST, reads: postsOfAnyType }, async (c, read) => post(c, await read())),
})
