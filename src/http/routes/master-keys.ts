import { masterKeyStatus, rotateMasterKey } from '../../operations/administration/rotate-master-key.ts'
import {
  masterKeyItems,
  masterKeysShape,
  parseRotation,
  rotationShape,
} from '../../protocol/administration/master-key-items.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { protectedRoute } from '../protected-route.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'
import { sendOutcome } from '../send.ts'

/** The master keys and their rotation, which `npm run nod -- rotate` walks through. */
export const masterKeyRoutes = new Router()

addRoutes(masterKeyRoutes, '/deployment/keys/master', {
  GET: protectedRoute(
    {
      summary: 'List the master keys by their fingerprints, and count what is sealed with others than MASTER_KEY',
      access: 'admin',
      parser: parseNothing,
      value: masterKeysShape,
    },
    async (c, credential) => sendOutcome(c, await masterKeyStatus(c.var.ports, credential), masterKeyItems),
  ),
})
addRoutes(masterKeyRoutes, '/deployment/keys/master/rotate', {
  POST: protectedRoute(
    {
      summary: 'Take the next step of a rotation of the master key',
      description:
        'Makes MASTER_KEY current once it has been configured for 300 seconds, seals values anew that are sealed with ' +
        'another key, and says in the end that MASTER_KEY_PREVIOUS may go. A step may be repeated.',
      access: 'admin',
      parser: parseRotation,
      value: rotationShape,
      example: { compromised: '1' },
    },
    async (c, credential, request) =>
      sendOutcome(c, await rotateMasterKey(c.var.ports, credential, c.var.source, request), (step) => {
        const { phase, key } = step
        switch (step.phase) {
          case 'waiting':
          case 'settling':
            return { phase, key, retry_after: step.retryAfter }
          case 'resealing':
            return { phase, key, resealed: step.resealed, next: step.next }
          case 'done':
            return { phase, key, unreadable: step.unreadable }
        }
      }),
  ),
})
