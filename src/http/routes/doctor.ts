/** `/doctor`: what is configured, what is missing, and a test of the way to a phone. */
import { examine } from '../../operations/doctor/examine.ts'
import { testPush } from '../../operations/doctor/test-push.ts'
import { doctorShape, parseTestPush, testPushShape } from '../../protocol/administration/doctor-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { CHECK_STATES, type CheckState } from '../../vocabulary/doctor.ts'
import { protectedRoute } from '../protected-route.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'
import { sendOutcome } from '../send.ts'
import { testPushValue } from '../test-push-value.ts'

export const doctorRoutes = new Router()

const BY_WEIGHT: readonly CheckState[] = ['fail', 'warn', 'ok', 'skip']
const worstOf = (states: readonly CheckState[]): CheckState =>
  BY_WEIGHT.find((state) => states.includes(state)) ?? CHECK_STATES[0]

addRoutes(doctorRoutes, '/doctor', {
  GET: protectedRoute(
    {
      summary: 'Check the deployment',
      description:
        'What is configured, what is missing and what comes next, each check by itself: one that fails or takes more than four seconds does not keep the others from being answered. Asks Google about each Firebase configuration, without sending anything to a phone.',
      access: 'admin',
      parser: parseNothing,
      value: doctorShape,
    },
    async (c, credential) =>
      sendOutcome(c, await examine(c.var.ports, credential, c.var.source), (checks) => ({
        state: worstOf(checks.map(({ state }) => state)),
        checks,
      })),
  ),
})

addRoutes(doctorRoutes, '/doctor/push', {
  POST: protectedRoute(
    {
      summary: 'Ring a phone to test the way to it',
      description:
        'Opens a login that nobody can finalize, so that an approval lets nobody in. Its timeline has each leg with its time. Without a serial the phone is the caller’s own.',
      access: 'admin',
      parser: parseTestPush,
      value: testPushShape,
      example: { serial: 'PIPU7K2M9QXA' },
    },
    async (c, credential, { serial }) =>
      sendOutcome(c, await testPush(c.var.ports, credential, c.var.source, serial, c.req.raw.signal), testPushValue),
  ),
})
