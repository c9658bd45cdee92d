import { addServiceKey, deleteServiceKey, listServiceKeys } from '../../operations/administration/service-keys.ts'
import { deleteSetting, saveSettings, listSettings } from '../../operations/administration/system-settings.ts'
import {
  parseName,
  parseServiceKey,
  parseSettingKey,
  parseSettings,
} from '../../protocol/administration/deployment-request.ts'
import { parseNothing } from '../../protocol/parameters.ts'
import { mapOf, integer, listOf, object, oneOf, orNull, string } from '../../protocol/shape.ts'
import { ROLES } from '../../vocabulary.ts'
import { protectedRoute } from '../protected-route.ts'
import { sendOutcome } from '../respond.ts'
import { Router } from '../router.ts'
import { addRoutes } from '../route.ts'

export const systemRoutes = new Router()

addRoutes(systemRoutes, '/apikey', {
  GET: protectedRoute(
    {
      summary: 'List the service keys',
      description: 'Without what would let anybody in.',
      who: 'admin',
      reads: parseNothing,
      value: listOf(
        object({ name: string('Name'), role: oneOf('Role', ...ROLES), createdAt: integer('Milliseconds since 1970') }),
      ),
    },
    async (c, credential) => sendOutcome(c, await listServiceKeys(c.var.ports, credential), (keys) => keys),
  ),
  POST: protectedRoute(
    {
      summary: 'Make a service key',
      description: 'It is shown this once: only its hash is kept.',
      who: 'admin',
      reads: parseServiceKey,
      value: object({ key: string('What the service sends in place of an API token') }),
      example: { name: 'vpn', role: 'validate' },
    },
    async (c, credential, asked) =>
      sendOutcome(c, await addServiceKey(c.var.ports, credential, c.var.source, asked), (key) => ({ key })),
  ),
})
addRoutes(systemRoutes, '/apikey/:name', {
  DELETE: protectedRoute(
    {
      summary: 'Revoke a service key; what it opened is withdrawn',
      who: 'admin',
      reads: parseName,
      value: integer('1'),
    },
    async (c, credential, name) =>
      sendOutcome(c, await deleteServiceKey(c.var.ports, credential, c.var.source, name), () => 1),
  ),
})

addRoutes(systemRoutes, '/system/setConfig', {
  POST: protectedRoute(
    {
      summary: 'Change settings: all of those sent, or none',
      description: 'They hold from the next login on.',
      who: 'admin',
      reads: parseSettings,
      value: mapOf(oneOf('Whether it was set before', 'insert', 'update'), 'By setting'),
      example: { PushChallengeValidityTime: '90' },
    },
    async (c, credential, asked) =>
      sendOutcome(c, await saveSettings(c.var.ports, credential, c.var.source, asked), (saved) => saved),
  ),
})
addRoutes(systemRoutes, '/system', {
  GET: protectedRoute(
    {
      summary: 'List the settings that are set',
      who: 'admin',
      reads: parseNothing,
      value: mapOf(string('What it is set to'), 'By setting'),
    },
    async (c, credential) => sendOutcome(c, await listSettings(c.var.ports, credential), (all) => all),
  ),
})
addRoutes(systemRoutes, '/system/:key', {
  GET: protectedRoute(
    { summary: 'Show one setting', who: 'admin', reads: parseSettingKey, value: orNull(string('null: not set')) },
    async (c, credential, key) =>
      sendOutcome(
        c,
        await listSettings(c.var.ports, credential),
        (all) => new Map(Object.entries(all)).get(key) ?? null,
      ),
  ),
  DELETE: protectedRoute(
    {
      summary: 'Give a setting its default again',
      who: 'admin',
      reads: parseSettingKey,
      value: integer('0: it was not set'),
    },
    async (c, credential, key) =>
      sendOutcome(c, await deleteSetting(c.var.ports, credential, c.var.source, key), Number),
  ),
})
