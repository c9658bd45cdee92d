import { reportPhoneRegions } from '../../operations/administration/report-phone-regions.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { boolean, integer, listOf, object, orNull, string } from '../../protocol/shape.ts'
import { protectedRoute } from '../protected-route.ts'
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
