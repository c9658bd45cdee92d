import { addServiceKey, deleteServiceKey, listServiceKeys } from '../operations/administration/service-keys.ts'
import { deleteSetting, saveSettings, settings } from '../operations/administration/system-settings.ts'
import {
  parseName,
  parseServiceKey,
  parseSettingKey,
  parseSettings,
} from '../protocol/administration/deployment-request.ts'
import { readingNothing } from '../protocol/parameters.ts'
import { byName, integer, listOf, object, oneOf, orNull, string } from '../protocol/shape.ts'
import { ROLES } from '../vocabulary.ts'
import { administered } from './administered.ts'
import { replied } from './respond.ts'
import { Room } from './room.ts'
import { methods } from './routes.ts'

export const administration = new Room()

methods(administration, '/apikey', {
  GET: administered(
    {
      summary: 'List the service keys',
      description: 'Without what would let anybody in.',
      who: 'admin',
      reads: readingNothing,
      value: listOf(
        object({ name: string('Name'), role: oneOf('Role', ...ROLES), createdAt: integer('Milliseconds since 1970') }),
      ),
    },
    async (c, credential) => replied(c, await listServiceKeys(c.var.ports, credential), (keys) => keys),
  ),
  POST: administered(
    {
      summary: 'Make a service key',
      description: 'It is shown this once: only its hash is kept.',
      who: 'admin',
      reads: parseServiceKey,
      value: object({ key: string('What the service sends in place of an API token') }),
      example: { name: 'vpn', role: 'validate' },
    },
    async (c, credential, asked) =>
      replied(c, await addServiceKey(c.var.ports, credential, c.var.source, asked), (key) => ({ key })),
  ),
})
methods(administration, '/apikey/:name', {
  DELETE: administered(
    {
      summary: 'Revoke a service key; what it opened is withdrawn',
      who: 'admin',
      reads: parseName,
      value: integer('1'),
    },
    async (c, credential, name) =>
      replied(c, await deleteServiceKey(c.var.ports, credential, c.var.source, name), () => 1),
  ),
})

methods(administration, '/system/setConfig', {
  POST: administered(
    {
      summary: 'Change settings: all of those sent, or none',
      description: 'They hold from the next login on.',
      who: 'admin',
      reads: parseSettings,
      value: byName(oneOf('Whether it was set before', 'insert', 'update'), 'By setting'),
      example: { PushChallengeValidityTime: '90' },
    },
    async (c, credential, asked) =>
      replied(c, await saveSettings(c.var.ports, credential, c.var.source, asked), (saved) => saved),
  ),
})
methods(administration, '/system', {
  GET: administered(
    {
      summary: 'List the settings that are set',
      who: 'admin',
      reads: readingNothing,
      value: byName(string('What it is set to'), 'By setting'),
    },
    async (c, credential) => replied(c, await settings(c.var.ports, credential), (all) => all),
  ),
})
methods(administration, '/system/:key', {
  GET: administered(
    { summary: 'Show one setting', who: 'admin', reads: parseSettingKey, value: orNull(string('null: not set')) },
    async (c, credential, key) =>
      replied(c, await settings(c.var.ports, credential), (all) => new Map(Object.entries(all)).get(key) ?? null),
  ),
  DELETE: administered(
    {
      summary: 'Give a setting its default again',
      who: 'admin',
      reads: parseSettingKey,
      value: integer('0: it was not set'),
    },
    async (c, credential, key) => replied(c, await deleteSetting(c.var.ports, credential, c.var.source, key), Number),
  ),
})
