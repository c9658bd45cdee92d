import { deleteSetting, saveSettings, listSettings } from '../../operations/administration/system-settings.ts'
import { parseSettingKey, parseSettings } from '../../protocol/administration/deployment-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { boolean, mapOf, oneOf, orNull, string } from '../../protocol/shape.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../send.ts'
import { addRoutes } from '../route.ts'
import { Router } from '../router.ts'

/** System settings. Source: docs/protocol.md, "System settings". */
export const systemRoutes = new Router()

addRoutes(systemRoutes, '/system/setConfig', {
  POST: protectedRoute(
    {
      summary: 'Change settings: all that are sent, or none',
      description: 'Takes effect with the next login.',
      access: 'admin',
      parser: parseSettings,
      value: mapOf(oneOf('insert: was not set before', 'insert', 'update'), 'By name of the setting'),
      example: { PushChallengeValidityTime: '90' },
    },
    async (c, credential, request) =>
      sendOutcome(c, await saveSettings(c.var.ports, credential, c.var.source, request), (saved) => saved),
  ),
})
addRoutes(systemRoutes, '/system', {
  GET: protectedRoute(
    {
      summary: 'List the settings that are set',
      access: 'admin',
      parser: parseNothing,
      value: mapOf(string('Value'), 'By name of the setting'),
    },
    async (c, credential) => sendOutcome(c, await listSettings(c.var.ports, credential), (all) => all),
  ),
})
addRoutes(systemRoutes, '/system/:key', {
  GET: protectedRoute(
    { summary: 'Show one setting', access: 'admin', parser: parseSettingKey, value: orNull(string('null: not set')) },
    async (c, credential, key) =>
      sendOutcome(
        c,
        await listSettings(c.var.ports, credential),
        (all) => new Map(Object.entries(all)).get(key) ?? null,
      ),
  ),
  DELETE: protectedRoute(
    {
      summary: 'Reset a setting to its default',
      access: 'admin',
      parser: parseSettingKey,
      value: boolean('Whether it was set'),
    },
    async (c, credential, key) =>
      sendOutcome(c, await deleteSetting(c.var.ports, credential, c.var.source, key), (wasSet) => wasSet),
  ),
})
