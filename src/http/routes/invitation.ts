/** `/invitation`: a user enrolls a phone by a one-time page, without an account. The secret comes in the body and stands in no URL. */
import type { Invitation } from '../../ports/invitations.ts'
import { invite, listInvitations, withdrawInvitation } from '../../operations/invitation/invitations.ts'
import { beginInvitation, confirmInvitation, lookAtInvitation } from '../../operations/invitation/use-invitation.ts'
import { testPushShape } from '../../protocol/administration/doctor-request.ts'
import { parseNothing, type RequestParser } from '../../protocol/parameters.ts'
import { present } from '../../present.ts'
import { listOf, type Shape } from '../../protocol/shape.ts'
import {
  begunInvitationShape,
  invitationItemShape,
  invitationLookShape,
  newInvitationShape,
  parseInvitation,
  parseInvitationId,
  parseInvitationLook,
  parseInvitationSecret,
  withdrawnShape,
} from '../../protocol/token/invitation-request.ts'
import { type Outcome, refuse } from '../../refusal.ts'
import type { HttpContext } from '../context.ts'
import { protectedRoute } from '../protected-route.ts'
import { recordRefusal } from '../request-audit.ts'
import { addRoutes, type Route, route } from '../route.ts'
import { Router } from '../router.ts'
import { sendOutcome, sendRefusal } from '../send.ts'
import { testPushValue } from '../test-push-value.ts'

export const invitationRoutes = new Router()

const personOf = ({ owner, invitedBy, expiresAt }: Invitation) => ({
  user: owner.login,
  realm: owner.realm,
  invited_by: invitedBy,
  expires_at: expiresAt,
})

const itemOf = (invitation: Invitation) => ({
  id: invitation.id,
  ...personOf(invitation),
  serial: invitation.serial,
  note: invitation.note,
  created_at: invitation.createdAt,
})

addRoutes(invitationRoutes, '/invitation', {
  GET: protectedRoute(
    {
      summary: 'List the open invitations',
      access: 'helpdesk',
      parser: parseNothing,
      value: listOf(invitationItemShape),
    },
    async (c, credential) =>
      sendOutcome(c, await listInvitations(c.var.ports, credential), (found) =>
        found.map((one) => ({ ...itemOf(one), state: one.state })),
      ),
  ),
  POST: protectedRoute(
    {
      summary: 'Invite a user to enroll a phone',
      description:
        'The answer holds the secret, and the page to send to the user. Whoever has it enrolls one phone for this user: send it as you would send a password.',
      access: 'helpdesk',
      headers: { 'Idempotency-Key': 'The same request under the same key answers the invitation that it has made' },
      parser: parseInvitation,
      value: newInvitationShape,
      example: { user: 'ada', note: 'starts on Monday' },
    },
    async (c, credential, request) =>
      sendOutcome(
        c,
        await invite(c.var.ports, credential, c.var.source, request, c.req.header('Idempotency-Key') || undefined),
        (made) => ({ ...itemOf(made), secret: made.secret, ...present({ url: made.url }) }),
      ),
  ),
})

/** URLs stand in logs and in the histories of browsers. */
const IN_URL = refuse({
  reason: 'parameter_invalid',
  name: 'secret',
  why: 'it belongs into the body, never into a URL',
})

/** A route for whoever has the secret. Refusals are recorded and counted for their network. */
const publicRoute = <Input, Result>(
  path: string,
  description: { readonly summary: string; readonly parser: RequestParser<Input>; readonly value: Shape },
  run: (c: HttpContext, input: Input) => Promise<Outcome<Result>>,
  valueOf: (result: Result) => unknown,
): Route =>
  route(
    { ...description, access: 'anyone', refuses: [404, 429, 503] },
    async (c, parse) => {
      const request = c.var.url.searchParams.has('secret') ? IN_URL : await parse()
      const outcome = request.ok ? await run(c, request.value) : request
      if (outcome.ok) return sendOutcome(c, outcome, valueOf)
      recordRefusal(c, `POST ${path}`, outcome.refusal)
      return sendRefusal(c, outcome.refusal)
    },
    'refused',
  )

addRoutes(invitationRoutes, '/invitation/look', {
  POST: publicRoute(
    '/invitation/look',
    {
      summary: 'See whom an invitation is for, and how it stands',
      parser: parseInvitationLook,
      value: invitationLookShape,
    },
    (c, request) => lookAtInvitation(c.var.ports, c.var.source, request, c.req.raw.signal),
    (found) => ({ ...personOf(found), state: found.state }),
  ),
})
addRoutes(invitationRoutes, '/invitation/begin', {
  POST: publicRoute(
    '/invitation/begin',
    { summary: 'Show the QR code of an invitation', parser: parseInvitationSecret, value: begunInvitationShape },
    (c, secret) => beginInvitation(c.var.ports, c.var.source, secret),
    ({ serial, uri, image, pin }) => ({ serial, uri, image, ...present({ pin }) }),
  ),
})
addRoutes(invitationRoutes, '/invitation/confirm', {
  POST: publicRoute(
    '/invitation/confirm',
    { summary: 'Ring the phone that an invitation has enrolled', parser: parseInvitationSecret, value: testPushShape },
    (c, secret) => confirmInvitation(c.var.ports, c.var.source, secret, c.req.raw.signal),
    testPushValue,
  ),
})
// Last, because `:id` matches every other path below /invitation.
addRoutes(invitationRoutes, '/invitation/:id', {
  DELETE: protectedRoute(
    {
      summary: 'Withdraw an invitation',
      description: 'A QR code that nobody has scanned is void; a phone that has registered stays.',
      access: 'helpdesk',
      parser: parseInvitationId,
      value: withdrawnShape,
    },
    async (c, credential, id) =>
      sendOutcome(c, await withdrawInvitation(c.var.ports, credential, c.var.source, id), () => true),
  ),
})
