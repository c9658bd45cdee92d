import { reportPhoneRegions } from '../../operations/administration/report-phone-regions.ts'
import { listFarPhones, movePhone } from '../../operations/administration/move-phone.ts'
import { parseFarPhones, parsePhoneMove } from '../../protocol/administration/phone-move-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import type { PhoneMoveResult } from '../../ports/phone-move.ts'
import { boolean, integer, listOf, object, oneOf, orNull, string } from '../../protocol/shape.ts'
import { protectedRoute } from '../protected-route.ts'
import { recordSuccess } from '../request-audit.ts'
import { sendOutcome } from '../send.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'

/** Where the objects of phones live. Source: docs/protocol.md, "Phones". */
export const deploymentPhonesRoutes = new Router()

addRoutes(deploymentPhonesRoutes, '/deployment/phones', {
  GET: protectedRoute(
    {
      summary: 'Count phones by where their objects live and where they are',
      description:
        'Of phones that have registered. A phone is far if most of its requests come from another continent than its object is on. Reads some eighty counts, no token and no phone.',
      access: 'admin',
      parser: parseNothing,
      value: object({
        phones: integer('All phones'),
        far: integer('Those that are far'),
        regions: listOf(
          object({
            home: orNull(string('The region of the object; null: unknown')),
            seen: orNull(string('The region that most requests come from; null: unknown')),
            phones: integer('How many'),
            far: boolean('Whether these are on different continents'),
          }),
        ),
      }),
    },
    async (c, credential) =>
      sendOutcome(c, await reportPhoneRegions(c.var.ports, credential), ({ phones, far, regions }) => ({
        phones,
        far,
        regions: regions.map(({ home, seen, count, isFar }) => ({
          home: home ?? null,
          seen: seen ?? null,
          phones: count,
          far: isFar,
        })),
      })),
  ),
})

addRoutes(deploymentPhonesRoutes, '/deployment/phones/far', {
  GET: protectedRoute(
    {
      summary: 'List the phones that are far from their objects',
      description:
        'In the order of their serials. A page may be empty: ask again with `after` = `next` until `next` is null. Reads at most a hundred tokens, by index, and no phone.',
      access: 'admin',
      parser: parseFarPhones,
      value: object({
        phones: listOf(
          object({
            serial: string('Serial of the token'),
            home: string('The region of the object'),
            seen: string('The region that most requests come from'),
          }),
        ),
        next: orNull(string('`after` of the next page')),
      }),
    },
    async (c, credential, after) =>
      sendOutcome(c, await listFarPhones(c.var.ports, credential, after), ({ phones, next = null }) => ({
        phones,
        next,
      })),
  ),
})

const MOVE_ACTION = 'POST /deployment/phones/<serial>/move'

addRoutes(deploymentPhonesRoutes, '/deployment/phones/:serial/move', {
  POST: protectedRoute(
    {
      summary: 'Move the object of a phone to another region',
      description:
        'The next object takes over all that it counts, and its logins go on. Calls of the phone wait meanwhile, for two seconds at most. Reads one token and calls two phone objects.',
      access: 'admin',
      parser: parsePhoneMove,
      value: object({
        state: oneOf('`stays`: it lives where it should; `moving`: it goes on by itself', 'stays', 'moving', 'moved'),
        region: orNull(string('Where it moves; null if it stays')),
        moves: integer('How often it has moved, this time included'),
      }),
    },
    async (c, credential, request) => {
      const moved = await movePhone(c.var.ports, credential, request)
      const { serial } = request
      if (moved.ok) recordSuccess(c, MOVE_ACTION, inWords(moved.value), { serial, caller: credential })
      return sendOutcome(c, moved, ({ state, region = null, number: moves }) => ({ state, region, moves }))
    },
  ),
})

const inWords = ({ state, region }: PhoneMoveResult): string => (region === undefined ? state : `${state} to ${region}`)
