/** The response to an enrollment: the QR code to scan. */
import type { EnrollmentReply } from '../operations/token/enrollment-code.ts'
import { DIALECTS } from '../protocol/phone/dialect.ts'
import { object, string } from '../protocol/shape.ts'
import type { HttpContext } from './context.ts'
import { sendValue } from './send.ts'

export const enrollmentShape = object(
  {
    serial: string('Serial of the token'),
    rollout_state: string('clientwait'),
    enrollment_credential: string('What the phone registers with; a secret'),
    pushurl: object({
      description: string('What the URI is for'),
      value: string('The enrollment URI; a secret'),
      img: string('The enrollment URI as a QR code: a PNG as data URI'),
    }),
  },
  { pin: string('The random PIN, if a policy asks for one; shown only once') },
)

/** Sends the QR code, this once. Source: docs/protocol.md, "Token init". */
export const sendEnrollment = (
  c: HttpContext,
  { serial, type, credential, uri, image, pin }: EnrollmentReply,
): Response =>
  sendValue(c, true, {
    serial,
    rollout_state: 'clientwait',
    enrollment_credential: credential,
    pin,
    pushurl: { description: DIALECTS[type].uri.description, value: uri, img: image },
  })
