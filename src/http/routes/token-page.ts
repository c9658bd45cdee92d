import { showToken } from '../../operations/token/show-token.ts'
import { parseTokenSerial, tokenPageShape, tokenPageValue } from '../../protocol/token/token-page.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../send.ts'

/** `GET /token/<serial>`. `token-changes.ts` has the other method of this path, which comes after all others below /token. */
export const tokenPage = protectedRoute(
  {
    summary: 'Show one token with everything that is known of it',
    description:
      'Owner, state, limits, and what its phone is and can do. The counters are exact: the phone’s object is asked.',
    access: 'self',
    parser: parseTokenSerial,
    value: tokenPageShape,
    refuses: [404],
    example: { serial: 'PIPU7K2M9QXA' },
  },
  async (c, credential, serial) => sendOutcome(c, await showToken(c.var.ports, credential, serial), tokenPageValue),
)
