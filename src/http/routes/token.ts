import { present } from '../../present.ts'
import { enroll } from '../../operations/token/enroll.ts'
import { DIALECTS } from '../../protocol/phone/dialect.ts'
import { parseEnrollmentRequest } from '../../protocol/token/enrollment-request.ts'
import { object, string, boolean } from '../../protocol/shape.ts'
import { protectedRouteAuthorizingFirst } from '../protected-route.ts'
import { sendValue, sendRefusal } from '../respond.ts'
import { Router } from '../router.ts'
import { addRoutes } from '../route.ts'
import { deleteTokens } from './token-changes.ts'
import { listTokensRoute } from './token-list.ts'

export const tokenRoutes = new Router()

addRoutes(tokenRoutes, '/token', { GET: listTokensRoute, DELETE: deleteTokens })

addRoutes(tokenRoutes, '/token/init', {
  POST: protectedRouteAuthorizingFirst(
    {
      summary: 'Enroll a phone',
      description:
        'The answer has the QR code to scan. It is good once, for as long as policy says; then the phone registers.',
      who: 'self',
      reads: parseEnrollmentRequest,
      value: boolean('true'),
      detail: object(
        {
          serial: string('Serial of the token'),
          rollout_state: string('clientwait'),
          enrollment_credential: string('What the phone registers with; a secret'),
          pushurl: object({
            description: string('What it is'),
            value: string('The enrollment URI; a secret'),
            img: string('The same as a QR code, a PNG as data URI'),
          }),
        },
        { pin: string('A random PIN, where policy wants one: told this once') },
      ),
      example: { type: 'push', genkey: '1', user: 'ada', pin: '1234' },
    },
    async (c, credential, asked) => {
      const enrolled = await enroll(c.var.ports, credential, c.var.source, asked)
      if (!enrolled.ok) return sendRefusal(c, enrolled.refusal)
      const { serial, type, credential: secret, uri, image, pin } = enrolled.value
      return sendValue(c, true, {
        serial,
        rollout_state: 'clientwait',
        enrollment_credential: secret,
        ...present({ pin }),
        pushurl: { description: DIALECTS[type].uri.description, value: uri, img: image },
      })
    },
  ),
})
