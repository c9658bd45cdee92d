import { acknowledgeRestores, reportRestores } from '../../operations/administration/restores.ts'
import { parseEpoch } from '../../protocol/administration/deployment-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { boolean, integer, listOf, mapOf, object, orNull, string, time } from '../../protocol/shape.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../send.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'

/** The changes that restores of the catalogue have lost. Source: docs/protocol.md, "Restores". */
export const lostChangesRoutes = new Router()

const requestShape = (about: string) => ({
  ...orNull(
    object({
      method: string('Method'),
      path: string('Path'),
      parameters: mapOf(string('Value'), 'Fields of the request'),
    }),
  ),
  description: about,
})

addRoutes(lostChangesRoutes, '/deployment/lost-changes', {
  GET: protectedRoute(
    {
      summary: 'List the changes that restores of the database have lost',
      description: 'A restore is noticed when D1 has an earlier state than Nod has seen.',
      access: 'admin',
      parser: parseNothing,
      value: object({
        epoch: integer('The epoch of the catalogue'),
        revision: integer('The revision of the catalogue'),
        complete: boolean('Whether Nod has looked at all changes'),
        restores: listOf(
          object({
            epoch: integer('The epoch that began with it'),
            noticed_at: time('When it was noticed'),
            restored_to: time('The last change that the restored database has'),
            restored_from: time('The last change that Nod knew of before'),
            acknowledged_at: orNull(time('When an administrator acknowledged it')),
            acknowledged_by: orNull(string('Which administrator')),
          }),
        ),
        changes: listOf(
          object({
            at: time('When it was done'),
            action: string('As in the audit; `register phone`: by a phone itself'),
            administrator: orNull(string('Who did it')),
            serial: orNull(string('Of which token')),
            user: orNull(string('Of which user')),
            realm: orNull(string('In which realm')),
            info: orNull(string('What else was changed: a policy, an administrator, a service key, …')),
            repeat: requestShape('The request that makes the change again; null: it has to be made by hand'),
            disable: requestShape('The request that disables the token or administrator until then'),
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
          restored_from: known.revision,
          acknowledged_at: acknowledged?.at ?? null,
          acknowledged_by: acknowledged?.by ?? null,
        })),
        changes: lost.map(({ at, action, administrator, serial, owner, info, repeat, disable }) => ({
          at,
          action,
          administrator: administrator ?? null,
          serial: serial ?? null,
          user: owner?.login ?? null,
          realm: owner?.realm ?? null,
          info: info ?? null,
          repeat: repeat ?? null,
          disable: disable ?? null,
        })),
      })),
  ),
})
addRoutes(lostChangesRoutes, '/deployment/lost-changes/acknowledge', {
  POST: protectedRoute(
    {
      summary: 'Acknowledge restores of the database',
      description: 'The changes that they have lost are no longer listed, and the deep health check passes.',
      access: 'admin',
      parser: parseEpoch,
      value: boolean('true'),
    },
    async (c, credential, epoch) =>
      sendOutcome(c, await acknowledgeRestores(c.var.ports, credential, c.var.source, epoch), () => true),
  ),
})
