import { present } from '../present.ts'
import { enroll } from '../operations/token/enroll.ts'
import { DIALECTS } from '../protocol/phone/dialect.ts'
import { parseInit } from '../protocol/token/enrollment-request.ts'
import { object, string, boolean } from '../protocol/shape.ts'
import { judging } from './administered.ts'
import { answered, refused } from './respond.ts'
import { Room } from './room.ts'
import { methods } from './routes.ts'
import { remove } from './token-changes.ts'
import { list } from './token-list.ts'

export const token = new Room()

methods(token, '/token', { GET: list, DELETE: remove })

methods(token, '/token/init', {
  POST: judging(
    {
      summary: 'Enroll a phone',
      description:
        'The answer has the QR code to scan. It is good once, for as long as policy says; then the phone registers.',
      who: 'self',
      reads: parseInit,
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
      if (!enrolled.ok) return refused(c, enrolled.refusal)
      const { serial, type, credential: secret, uri, image, pin } = enrolled.value
      return answered(c, true, {
        serial,
        rollout_state: 'clientwait',
        enrollment_credential: secret,
        ...present({ pin }),
        pushurl: { description: DIALECTS[type].uri.description, value: uri, img: image },
      })
    },
  ),
})
