import { acknowledgeRestores, reportRestores } from '../../operations/administration/restored.ts'
import { parseEpoch } from '../../protocol/administration/deployment-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { boolean, integer, listOf, mapOf, object, orNull, string } from '../../protocol/shape.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../send.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'

/** Restores of the catalogue. Source: docs/protocol.md, "Restores". */
export const deploymentRestoredRoutes = new Router()

const time = (about: string) => integer(`${about}, in milliseconds since 1970`)
const repetition = (about: string) => ({
  ...orNull(
    object({
      method: string('Method'),
      path: string('Path'),
      parameters: mapOf(string('Value'), 'Fields of the request'),
    }),
  ),
  description: about,
})

addRoutes(deploymentRestoredRoutes, '/deployment/restored', {
  GET: protectedRoute(
    {
      summary: 'List what restores of the database have undone',
      description: 'A restore is noticed when D1 has an earlier state than Nod has seen.',
      access: 'admin',
      parser: parseNothing,
      value: object({
        epoch: integer('The epoch of the catalogue'),
        revision: integer('The revision of the catalogue'),
        complete: boolean('Whether all changes were looked at'),
        restores: listOf(
          object({
            epoch: integer('The epoch that began with it'),
            noticed_at: time('When it was noticed'),
            restored_to: time('The last change that the database had'),
            known: time('The last change that was known before'),
            acknowledged_at: orNull(time('When somebody had dealt with it')),
            acknowledged_by: orNull(string('Who')),
          }),
        ),
        lost: listOf(
          object({
            at: time('When it was done'),
            action: string('As in the audit; `register phone`: by a phone itself'),
            administrator: orNull(string('Who did it')),
            serial: orNull(string('Of which token')),
            user: orNull(string('Of which user')),
            realm: orNull(string('In which realm')),
            info: orNull(string('What was changed, if not a token')),
            again: repetition('The request that does it again; null: it has to be done by hand'),
            instead: repetition('The request that takes access away until it is done by hand'),
          }),
        ),
      }),
    },
    async (c, credential) =>
      sendOutcome(c, await reportRestores(c.var.ports, credential), ({ version, restores, lost, isComplete }) => ({
        ...version,
        complete: isComplete,
        restores: restores.map(({ epoch, noticedAt, found, known, acknowledged }) => ({
          epoch,
          noticed_at: noticedAt,
          restored_to: found.revision,
          known: known.revision,
          acknowledged_at: acknowledged?.at ?? null,
          acknowledged_by: acknowledged?.by ?? null,
        })),
        lost: lost.map(({ at, action, administrator, serial, owner, info, again, instead }) => ({
          at,
          action,
          administrator: administrator ?? null,
          serial: serial ?? null,
          user: owner?.login ?? null,
          realm: owner?.realm ?? null,
          info: info ?? null,
          again: again ?? null,
          instead: instead ?? null,
        })),
      })),
  ),
  POST: protectedRoute(
    {
      summary: 'Acknowledge restores of the database',
      description: 'What they have undone is listed no more, and the deep health check passes.',
      access: 'admin',
      parser: parseEpoch,
      value: boolean('true'),
    },
    async (c, credential, epoch) =>
      sendOutcome(c, await acknowledgeRestores(c.var.ports, credential, c.var.source, epoch), () => true),
  ),
})
