import { answer } from '../../operations/phone/answer.ts'
import { tokenTypeInfo } from '../../operations/token/token-type-info.ts'
import { phonePoll } from '../../operations/phone/phone-poll.ts'
import {
  limitAnswer,
  limitPoll,
  limitRefresh,
  limitRegistration,
  limitUnknown,
} from '../../operations/phone/limit-phone.ts'
import { refresh } from '../../operations/phone/refresh.ts'
import { register } from '../../operations/phone/register.ts'
import { type Dialect, dialectOf, DIALECTS } from '../../protocol/phone/dialect.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import {
  parsePhonePoll,
  parsePollOfAnyType,
  parsePostOfAnyType,
  type PhoneAnswer,
  type PhonePoll,
  phonePostParser,
  type RefreshRequest,
  type RegisterRequest,
} from '../../protocol/phone/phone-request.ts'
import { definitionsShape } from '../../protocol/policy/policy-form.ts'
import { mapOf, listOf, object, string, boolean } from '../../protocol/shape.ts'
import type { Outcome, Refusal } from '../../refusal.ts'
import type { HttpContext } from '../context.ts'
import { countUnknownPhone, recordRefusal, recordSuccess, recordUnmatchedAnswer } from '../request-audit.ts'
import { wireForm } from '../respond.ts'
import { sendValue, sendRefusal } from '../send.ts'
import { Router } from '../router.ts'
import { route, addRoutes } from '../route.ts'
import { pass } from '../upstream/pass.ts'
import { answerPhonePoll, passAnswer, passPhonePost, repeatThere } from '../upstream/phone.ts'

export const phoneRoutes = new Router()

/** The routes' names in privacyIDEA's audit. */
const POST_ACTION = 'POST /ttype/<ttype>'
const POLL_ACTION = 'GET /ttype/<ttype>'

async function handlePost(
  c: HttpContext,
  request: Outcome<RegisterRequest | PhoneAnswer | RefreshRequest>,
): Promise<Response> {
  if (!request.ok) return sendRefusal(c, request.refusal)
  const { upstream } = c.var.ports
  if (upstream !== undefined) {
    const passed = await passPhonePost(c, upstream, request.value)
    if (passed !== undefined) return passed
  }
  switch (request.value.kind) {
    case 'answer':
      return handleAnswer(c, request.value)
    case 'register':
      return handleRegister(c, request.value)
    case 'refresh':
      return handleRefresh(c, request.value)
  }
}

async function handleAnswer(c: HttpContext, request: PhoneAnswer): Promise<Response> {
  const limited = await limitAnswer(c.get('ports'), c.get('source'), request)
  if (!limited.ok) return sendAnswerRefusal(c, limited.refusal)
  const answered = await answer(c.get('ports'), c.get('source'), request, POST_ACTION)
  const { upstream } = c.var.ports
  if (upstream !== undefined && (answered.ok ? answered.value.unmatched : answered.refusal.reason === 'token_unknown'))
    return passAnswer(c, upstream)
  if (!answered.ok) {
    recordRefusal(c, POST_ACTION, answered.refusal, request)
    countUnknownPhone(c, POST_ACTION, answered.refusal, request.serial)
    return sendAnswerRefusal(c, answered.refusal)
  }
  const { accepted, code, message, unmatched } = answered.value
  if (unmatched) recordUnmatchedAnswer(c, POST_ACTION, request.serial)
  return sendValue(c, accepted, code === undefined ? undefined : { display_code: code, message })
}

async function handleRegister(c: HttpContext, request: RegisterRequest): Promise<Response> {
  const limited = await limitRegistration(c.get('ports'), c.get('source'), request)
  if (!limited.ok) return sendRefusal(c, limited.refusal)
  const registered = await limitUnknown(c.get('ports'), c.get('source'), request.serial, () =>
    register(c.get('ports'), request, c.get('source')),
  )
  if (!registered.ok) {
    recordRefusal(c, POST_ACTION, registered.refusal, request)
    return sendRefusal(c, registered.refusal)
  }
  const { serial, publicKey, owner } = registered.value
  recordSuccess(c, POST_ACTION, 'registered', { serial, owner })
  return sendValue(c, true, { serial, rollout_state: 'enrolled', public_key: publicKey })
}

async function handleRefresh(c: HttpContext, request: RefreshRequest): Promise<Response> {
  const limited = await limitRefresh(c.get('ports'), c.get('source'), request)
  if (!limited.ok) return sendRefusal(c, limited.refusal)
  const refreshed = await limitUnknown(c.get('ports'), c.get('source'), request.serial, () =>
    refresh(c.get('ports'), request, c.get('source')),
  )
  const { upstream } = c.var.ports
  if (upstream !== undefined) {
    if (!refreshed.ok && refreshed.refusal.reason === 'signature_invalid') return pass(c, upstream)
    if (refreshed.ok) repeatThere(c, upstream)
  }
  if (!refreshed.ok) {
    recordRefusal(c, POST_ACTION, refreshed.refusal, request)
    countUnknownPhone(c, POST_ACTION, refreshed.refusal, request.serial)
    return sendRefusal(c, refreshed.refusal)
  }
  const subject = { serial: request.serial, owner: refreshed.value.owner }
  recordSuccess(c, POST_ACTION, 'registration token replaced', subject)
  return sendValue(c, true)
}

/** Refuses a phone's answer. One that may be sent again later is refused in plain text: on any JSON the app takes the
 *  request off its screen, and the user could not answer again. Source: docs/protocol.md, "Phone answer". */
function sendAnswerRefusal(c: HttpContext, refusal: Refusal): Response {
  const wire = wireForm(refusal)
  const isTemporary = refusal.reason === 'storage_unavailable' || refusal.reason === 'too_many_requests'
  if (wire.kind === 'reject' || !isTemporary) return sendRefusal(c, refusal)
  c.set('refusal', refusal)
  return c.text(wire.message, wire.status, wire.headers)
}

async function handlePoll(c: HttpContext, request: Outcome<PhonePoll>, { type }: Dialect): Promise<Response> {
  const limited = request.ok ? await limitPoll(c.get('ports'), c.get('source'), type, request.value) : request
  if (request.ok && !limited.ok) return sendRefusal(c, limited.refusal)
  const work = () => phonePoll(c.get('ports'), c.get('source'), type, request)
  const prompts = await (request.ok
    ? limitUnknown(c.get('ports'), c.get('source'), request.value.serial, work)
    : work())
  const { upstream } = c.var.ports
  if (upstream !== undefined && request.ok) {
    const answered = await answerPhonePoll(c, upstream, prompts)
    if (answered !== undefined) return answered
  }
  if (prompts.ok) return sendValue(c, prompts.value)
  if (prompts.refusal.reason === 'signature_invalid')
    recordRefusal(c, POLL_ACTION, prompts.refusal, request.ok ? request.value : {})
  countUnknownPhone(c, POLL_ACTION, prompts.refusal, request.ok ? request.value.serial : undefined)
  return sendRefusal(c, prompts.refusal)
}

const POST_DESCRIPTION = {
  summary: 'Register a phone, answer a prompt, or replace the registration token',
  description: 'For the app. The fields decide which of the three it is; other fields are ignored.',
  access: 'anyone',
  value: boolean('For an answer: whether it accepted the login'),
  detail: object(
    {},
    {
      serial: string('After a registration: the serial'),
      rollout_state: string('enrolled'),
      public_key: string("The server's public key, PKCS#1 in base64, which verifies prompts"),
      display_code: string('After an accepting answer: the code to show, if the login asks for one'),
      message: string('The text beside the code'),
    },
  ),
} as const
const POLL_DESCRIPTION = {
  summary: 'List the prompts of a phone',
  access: 'anyone',
  value: listOf(mapOf(string('As signed'), 'The data of a push message'), 'Newest first, at most 5'),
  refuses: [403],
} as const

for (const dialect of Object.values(DIALECTS)) {
  addRoutes(phoneRoutes, dialect.path, {
    GET: route({ ...POLL_DESCRIPTION, parser: parsePhonePoll }, async (c, parse) =>
      handlePoll(c, await parse(), dialect),
    ),
    POST: route({ ...POST_DESCRIPTION, parser: phonePostParser(dialect) }, async (c, parse) =>
      handlePost(c, await parse()),
    ),
  })
  const infoDescription = {
    summary: `Describe the token type of ${dialect.appName}`,
    access: 'anyone',
    parser: parseNothing,
    value: object({
      type: string(dialect.type),
      title: string('Name of the type'),
      description: string('Description of the type'),
      policy: definitionsShape,
    }),
  } as const
  addRoutes(phoneRoutes, `${dialect.path}/info`, {
    GET: route(infoDescription, (c) => sendValue(c, tokenTypeInfo(dialect.type))),
  })
}

addRoutes(phoneRoutes, '/ttype/:type', {
  GET: route({ ...POLL_DESCRIPTION, parser: parsePollOfAnyType }, async (c, parse) => {
    const type = c.req.param('type') ?? ''
    const dialect = dialectOf(type)
    const { upstream } = c.var.ports
    if (dialect === undefined && upstream !== undefined) return pass(c, upstream)
    return dialect === undefined
      ? sendRefusal(c, { reason: 'endpoint_type_unknown', type })
      : handlePoll(c, await parse(), dialect)
  }),
  POST: route({ ...POST_DESCRIPTION, parser: parsePostOfAnyType }, async (c, parse) => {
    const { upstream } = c.var.ports
    const isTheirs = upstream !== undefined && dialectOf(c.req.param('type') ?? '') === undefined
    return isTheirs ? pass(c, upstream) : handlePost(c, await parse())
  }),
})
