import { authorizePoll } from '../../operations/access/admission.ts'
import { checkRepeats } from '../../operations/access/rate-limits.ts'
import { pollTransaction } from '../../operations/login/poll-transaction.ts'
import { statusDetail, statusShape } from '../../protocol/login/challenge-detail.ts'
import { parsePollTransaction } from '../../protocol/login/client-request.ts'
import { boolean } from '../../protocol/shape.ts'
import { splitId } from '../../protocol/upstream/combined-id.ts'
import { allowOrigin } from '../cors.ts'
import { credentialOrNone } from '../credentials.ts'
import { nameLogin } from '../login-request.ts'
import { sendDecision, sendRefusal } from '../send.ts'
import { Router } from '../router.ts'
import { addRoutes, route } from '../route.ts'
import { answerPoll } from '../upstream/poll.ts'

export const validatePollRoutes = new Router()

const poll = route(
  {
    summary: 'Show the status of a login',
    description: 'For anyone who knows its id. With `wait`, the answer comes when the status changes.',
    access: 'anyone',
    parser: parsePollTransaction,
    value: boolean('Whether the login is accepted and can be finalized'),
    detail: statusShape,
    refuses: [403],
    example: { transaction_id: '01234567890123456789', wait: '30' },
  },
  async (c, parse) => {
    const request = await parse()
    if (!request.ok) return sendRefusal(c, request.refusal)
    const { ports, source } = c.var
    const split = ports.upstream === undefined ? undefined : splitId(request.value.transactionId)
    // Whoever makes up an id is a stranger, whose requests to the upstream are limited.
    const combined = split && (await ports.identifiers.locate(split.own)) !== undefined ? split : undefined
    const transactionId = combined?.own ?? request.value.transactionId
    const repeats = checkRepeats(ports, source, transactionId)
    if (!repeats.ok) {
      allowOrigin(c)
      return sendRefusal(c, repeats.refusal)
    }
    const authorized = await authorizePoll(ports, credentialOrNone(await c.get('credential')()), source)
    if (!authorized.ok) return sendRefusal(c, authorized.refusal)
    const polling = pollTransaction(ports, { ...request.value, transactionId }, c.req.raw.signal)
    // Keeps the Worker running after the caller disconnects, so that its waiting place is released.
    c.executionCtx.waitUntil(polling)
    const status = await polling
    allowOrigin(c)
    if (!status.ok) return sendRefusal(c, status.refusal)
    if (status.value !== 'unknown') nameLogin(c, transactionId)
    if (ports.upstream !== undefined) {
      const answered = await answerPoll(c, ports.upstream, combined, status.value)
      if (answered !== undefined) return answered
    }
    const { value, detail } = statusDetail(status.value)
    return sendDecision(c, value, detail)
  },
)
addRoutes(validatePollRoutes, '/validate/polltransaction', { GET: poll })
addRoutes(validatePollRoutes, '/validate/polltransaction/:transaction_id', { GET: poll })
