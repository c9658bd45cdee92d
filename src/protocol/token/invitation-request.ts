/** `/invitation`: its requests and answers. */
import * as z from 'zod/mini'
import { done, type Outcome } from '../../refusal.ts'
import { present } from '../../present.ts'
import { type Seconds, seconds } from '../../vocabulary.ts'
import { parsePositive } from '../page.ts'
import { optional, parserOf, required } from '../parameters.ts'
import { boolean, object, oneOf, string, time } from '../shape.ts'

export interface InvitationRequest {
  readonly user: string
  readonly realm?: string
  readonly note: string
  readonly validFor: Seconds
}

const DAY_MINUTES = 1440
const MAX_MINUTES = 7 * DAY_MINUTES

const invitationSchema = z.object({
  user: required('Whom it is for: a login name, alone or as user@realm', 320),
  realm: optional('Realm of the user', 255),
  note: optional('For those who invite; the user does not see it', 255),
  minutes: optional(`Minutes it is valid, ${DAY_MINUTES} (a day) by default, at most ${MAX_MINUTES}`, 16),
})

/** Parses an invitation. Refuses: `parameter_missing`, `parameter_invalid`, `parameter_not_integer`. */
export const parseInvitation = parserOf(invitationSchema, ({ user, realm, note = '', minutes }) => {
  const parsed = parsePositive('minutes', minutes, DAY_MINUTES, MAX_MINUTES)
  if (!parsed.ok) return parsed
  const request: InvitationRequest = { user, note, validFor: seconds(parsed.value * 60), ...present({ realm }) }
  return done(request)
})

export const parseInvitationId = parserOf(z.object({ id: required('Id of the invitation', 64) }), ({ id }) => done(id))

/** The longest wait of a caller that waits for the phone. */
const MAX_WAIT = 20

const secretField = () => required('The secret: what stands behind the # of the page', 64)

export const parseInvitationSecret = parserOf(z.object({ secret: secretField() }), ({ secret }) => done(secret))

const lookSchema = z.object({
  secret: secretField(),
  wait: optional(`Seconds to wait until a phone has registered, at most ${MAX_WAIT}`, 16),
})

/** Parses a look at an invitation. Refuses: `parameter_missing`, `parameter_invalid`, `parameter_not_integer`. */
export const parseInvitationLook = parserOf(
  lookSchema,
  ({ secret, wait }): Outcome<{ readonly secret: string; readonly wait: Seconds }> => {
    const parsed = wait === undefined ? done(0) : parsePositive('wait', wait, MAX_WAIT, MAX_WAIT)
    return parsed.ok ? done({ secret, wait: seconds(parsed.value) }) : parsed
  },
)

const PERSON = {
  user: string('Login name of the user'),
  realm: string('Realm of the user'),
  invited_by: string('Who has invited them'),
  expires_at: time('When it ends'),
}

const LISTED = {
  id: string('Id of the invitation'),
  ...PERSON,
  serial: string('Serial of the token that the phone gets'),
  note: string('Note of those who invite'),
  created_at: time('When it was made'),
}

export const invitationItemShape = object({
  ...LISTED,
  state: oneOf('registered: its phone is there', 'open', 'begun', 'registered'),
})

export const newInvitationShape = object(
  { ...LISTED, secret: string('The secret; shown only once') },
  { url: string('The page to send to the user; shown only once') },
)

export const invitationLookShape = object({
  ...PERSON,
  state: oneOf('begun: a QR code was shown; registered: a phone has registered', 'open', 'begun', 'registered'),
})

export const begunInvitationShape = object(
  {
    serial: string('Serial of the token'),
    uri: string('The enrollment URI; a secret'),
    image: string('The enrollment URI as a QR code: a PNG as data URI'),
  },
  { pin: string('The random PIN, if a policy asks for one; shown only once') },
)

export const withdrawnShape = boolean('true')
