/** The two legs of a login with a PIN: `/validate/check`, and `/validate/radiuscheck`, which answers by status alone. */
import { limitLogin, rememberLogin } from '../../operations/access/rate-limits.ts'
import { cancelEnrollment } from '../../operations/login/cancel-enrollment.ts'
import { check, finalizeOrBypass } from '../../operations/login/check.ts'
import type { RefusedLogin } from '../../operations/login/refused-login.ts'
import type { LoginRequest } from '../../operations/login/login-request.ts'
import type { BypassedLogin } from '../../operations/login/use-bypass.ts'
import type { LoginWithoutToken } from '../../operations/login/without-token.ts'
import { challengeDetail, loginShape } from '../../protocol/login/challenge-detail.ts'
import { enrollmentDetail } from '../../protocol/login/enrollment-detail.ts'
import { type Check, parseCheck } from '../../protocol/login/client-request.ts'
import { boolean } from '../../protocol/shape.ts'
import type { NamedToken } from '../../vocabulary.ts'
import { type CombinedId, splitId } from '../../protocol/upstream/combined-id.ts'
import { type CheckResponder, envelopeResponder, statusResponder } from '../check-responder.ts'
import type { HttpContext } from '../context.ts'
import { credentialOrNone } from '../credentials.ts'
import { completeLogin, connectionOf, LOGIN_HEADERS, nameLogin } from '../login-request.ts'
import { recordRefusedLogin, recordTokenlessLogin } from '../request-audit.ts'
import { wireForm } from '../respond.ts'
import { Router } from '../router.ts'
import { addRoutes, route, type RouteDescription } from '../route.ts'
import { withAddressClaims } from '../source.ts'
import { answerFirstLeg, answerForeignId, answerPasskey, hasPasskey } from '../upstream/first-leg.ts'
import { answerSecondLeg, ownEntry } from '../upstream/second-leg.ts'

type Detail = Readonly<Record<string, unknown>>

export const validateCheckRoutes = new Router()

const DESCRIPTION = {
  description:
    'The first leg sends the PIN as `pass` and rings the phones. Poll until the login is accepted. The second leg sends ' +
    'the `transaction_id`, and as `pass` the code from the phone if the login asks for one. A login is used once.',
  access: 'check',
  parser: parseCheck,
  headers: LOGIN_HEADERS,
  refuses: [403],
  example: { user: 'ada', pass: '1234' },
} as const

const checkRoute = (
  path: string,
  responder: CheckResponder,
  description: Pick<RouteDescription<Check>, 'summary' | 'value' | 'detail' | 'emptyResponses'>,
) =>
  route({ ...DESCRIPTION, ...description }, async (c, parse) => {
    const parsed = await parse()
    const { ports } = c.var
    const { upstream } = ports
    if (!parsed.ok) {
      const isPasskey = upstream !== undefined && parsed.refusal.reason === 'owner_or_serial_missing' && hasPasskey(c)
      return isPasskey ? answerPasskey(c, upstream, responder) : responder.sendRefusal(c, parsed.refusal)
    }
    const combined = await combinedIdOf(c, parsed.value)
    const request = withOwnId(parsed.value, combined)
    const source = withAddressClaims(c.get('source'), request.client, path)
    c.set('source', source)
    const read = await c.get('credential')()
    // An API token that cannot be verified now is not a missing one, where a caller needs a credential.
    if (!read.ok && read.refusal.reason === 'storage_unavailable' && !ports.limits.anonymousCheck)
      return responder.sendRefusal(c, read.refusal)
    const credential = credentialOrNone(read)
    const limited = await limitLogin(ports, source, credential, request)
    if (!limited.ok) return responder.sendRefusal(c, limited.refusal)
    const action = `${c.req.method} ${path}`
    const call = { fields: request, credential, responder, action }
    if (upstream !== undefined && request.kind !== 'trigger' && combined === undefined) {
      const isForeign = (await ports.identifiers.locate(request.transactionId)) === undefined
      const entry = request.kind === 'finalize' ? request.entry : ''
      const answered = isForeign ? await answerForeignId(c, upstream, call, entry) : undefined
      if (answered !== undefined) return answered
    }
    switch (request.kind) {
      case 'finalize': {
        const own = combined === undefined ? request : { ...request, entry: ownEntry(request.entry) }
        const finalizing = finalizeOrBypass(ports, credential, source, own, action)
        const finalized = await completeLogin(c, credential, finalizing, upstream !== undefined)
        if (!finalized.ok && upstream !== undefined) {
          const { refusal } = finalized
          const leg = { request, combined, refusal }
          const answered = await answerSecondLeg(c, upstream, call, leg)
          if (answered !== undefined) return answered
          recordRefusedLogin(c, finalized, credential)
        }
        if (!finalized.ok) return sendRejection(c, finalized, responder)
        if (credential.kind === 'none') rememberLogin(ports, 'miss', source, request)
        if ('kind' in finalized.value) return sendBypass(c, finalized.value, responder)
        nameLogin(c, request.transactionId)
        const { serial, detail } = finalized.value
        return responder.sendDecision(c, true, successDetail({ message: 'Found matching challenge', serial }, detail))
      }
      case 'cancel': {
        const cancelling = cancelEnrollment(ports, credential, source, request, action)
        const cancelled = await completeLogin(c, credential, cancelling)
        if (!cancelled.ok) return sendRejection(c, cancelled, responder)
        return responder.sendDecision(c, true, { message: 'Cancelled enrollment via multichallenge' })
      }
      case 'trigger': {
        const { user, realm, serial, pin, exception, type } = request
        const subject = { user, realm, serial }
        let takeBack: (() => Promise<void>) | undefined
        const opening = {
          subject,
          pin: { entry: pin },
          exception,
          action,
          type,
          onWrongPin: (undo: () => Promise<void>) => {
            takeBack = undo
          },
          ...connectionOf(c),
        }
        const opened = await completeLogin(c, credential, check(ports, credential, source, opening))
        if (upstream !== undefined) {
          const leg = { opened, entry: pin, takeBack: async () => takeBack?.() }
          const answered = await answerFirstLeg(c, upstream, call, leg)
          if (answered !== undefined) return answered
        }
        if (!opened.ok) return sendRejection(c, opened, responder)
        const login = opened.value
        if ('kind' in login && login.kind === 'bypassed') return sendBypass(c, login, responder)
        if ('transaction' in login) nameLogin(c, login.transaction)
        if ('kind' in login) return sendWithoutToken(c, login, opening, responder)
        if (login.finalized === undefined) return responder.sendDecision(c, false, challengeDetail(login))
        if (credential.kind === 'none') rememberLogin(ports, 'miss', source, subject)
        const { detail: added, ...token } = login.finalized
        const detail = { message: 'matching 1 tokens', ...waitedTokenDetail(token) }
        return responder.sendDecision(c, true, successDetail(detail, added))
      }
    }
  })

/** The two parts of the request's transaction id, if it has two and the first is Nod's by its MAC. */
async function combinedIdOf(
  c: HttpContext,
  request: Check,
): Promise<(CombinedId & { readonly sent: string }) | undefined> {
  const { upstream, identifiers } = c.var.ports
  if (upstream === undefined || request.kind === 'trigger') return undefined
  const combined = splitId(request.transactionId)
  if (combined === undefined || (await identifiers.locate(combined.own)) === undefined) return undefined
  return { ...combined, sent: request.transactionId }
}

/** The request with Nod's part of a transaction id that has two. */
const withOwnId = (request: Check, combined: CombinedId | undefined): Check =>
  combined === undefined || request.kind === 'trigger' ? request : { ...request, transactionId: combined.own }

const sendBypass = (c: HttpContext, { detail }: BypassedLogin, responder: CheckResponder): Response =>
  responder.sendDecision(c, true, successDetail({ message: 'Bypass code accepted' }, detail))

/** Answers for a user without a token: the enrollment that the login starts, or privacyIDEA's message. */
async function sendWithoutToken(
  c: HttpContext,
  login: LoginWithoutToken,
  { action, subject }: Pick<LoginRequest, 'action' | 'subject'>,
  responder: CheckResponder,
): Promise<Response> {
  if (login.kind === 'enrolling') return responder.sendDecision(c, false, enrollmentDetail(login))
  await recordTokenlessLogin(c, action, login.policy, subject)
  const fact = login.kind === 'passed' ? 'user has no token' : 'user does not exist'
  const detail = { message: `${fact}, accepted due to '${login.policy}'` }
  return responder.sendDecision(c, true, successDetail(detail, login.detail))
}

/** The detail of a login that succeeded, with the fields that policies add; none under `no_detail_on_success`. */
const successDetail = (detail: Detail, added: BypassedLogin['detail']): Detail | undefined =>
  added === 'bare' ? undefined : { ...detail, ...added }

/** Answers a rejected login: status 200, `value: false`, and as much of the reason as is disclosed. The detail must not
 *  hold a `transaction_id`, which clients take for a challenge. */
function sendRejection(c: HttpContext, { refusal, disclosure }: RefusedLogin, responder: CheckResponder): Response {
  const wire = wireForm(refusal)
  if (wire.kind === 'error') return responder.sendRefusal(c, refusal)
  if ('retryAfter' in refusal && disclosure === 'full') c.header('Retry-After', String(refusal.retryAfter))
  if ('transaction' in refusal && refusal.transaction !== undefined) nameLogin(c, refusal.transaction)
  if (disclosure === 'nothing') return responder.sendDecision(c, false)
  const status = refusal.reason === 'declined' ? { challenge_status: refusal.status } : {}
  if (disclosure === 'without_reason')
    return responder.sendDecision(c, false, { message: 'Authentication failed.', ...status })
  const { message, token } = wire
  if (refusal.reason === 'declined' || refusal.reason === 'unanswered')
    return responder.sendDecision(c, false, { message, ...status, ...waitedTokenDetail(refusal.token) })
  return responder.sendDecision(c, false, { message, ...token })
}

/** privacyIDEA's fields about the token, after a request that waited for the phone.
 *  Source: docs/protocol.md, "Requests that wait". */
const waitedTokenDetail = ({ serial, type }: NamedToken) => ({ serial, type, otplen: 6 })

const checkWithEnvelope = checkRoute('/validate/check', envelopeResponder, {
  summary: 'Open a login with a PIN, or finalize an accepted one',
  value: boolean('Whether the user is authenticated'),
  detail: loginShape,
})
const checkByStatus = checkRoute('/validate/radiuscheck', statusResponder, {
  summary: 'The same as check, answered by the status alone',
  emptyResponses: { 204: 'The user is authenticated', 400: 'The user is not authenticated, or not yet' },
})
addRoutes(validateCheckRoutes, '/validate/check', { GET: checkWithEnvelope, POST: checkWithEnvelope })
addRoutes(validateCheckRoutes, '/validate/radiuscheck', { GET: checkByStatus, POST: checkByStatus })
