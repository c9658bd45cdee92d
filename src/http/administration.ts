import { Hono } from 'hono'
import {
  addServiceKey,
  deletePerson,
  deleteServiceKey,
  deleteSetting,
  listServiceKeys,
  savePerson,
  saveSettings,
  setDefaultRealm,
  settings,
} from '../operations/deployment.ts'
import { parsePerson, parseRealm, parseServiceKey } from '../protocol/deployment-request.ts'
import { administered } from './administered.ts'
import type { Asked, Known } from './context.ts'
import { replied as reply } from './respond.ts'
import { methods } from './routes.ts'

export const administration = new Hono<Known>()

const param = (c: Asked, name: string): string => c.req.param(name) ?? ''

methods(administration, '/apikey', {
  GET: administered(async (c, credential) => reply(c, await listServiceKeys(c.var.ports, credential), (keys) => keys)),
  POST: administered(async (c, credential, params) => {
    const asked = parseServiceKey(params)
    const added = asked.ok ? await addServiceKey(c.var.ports, credential, c.var.source, asked.value) : asked
    return reply(c, added, (key) => ({ key }))
  }),
})
methods(administration, '/apikey/:name', {
  DELETE: administered(async (c, credential) =>
    reply(c, await deleteServiceKey(c.var.ports, credential, c.var.source, param(c, 'name')), () => 1),
  ),
})

methods(administration, '/user', {
  POST: administered(async (c, credential, params) => {
    const asked = parsePerson(params)
    const saved = asked.ok ? await savePerson(c.var.ports, credential, c.var.source, asked.value) : asked
    return reply(c, saved, () => (asked.ok ? asked.value.user : ''))
  }),
})
methods(administration, '/user/:resolver/:user', {
  DELETE: administered(async (c, credential, params) => {
    const asked = parsePerson(params)
    return reply(
      c,
      asked.ok ? await deletePerson(c.var.ports, credential, c.var.source, asked.value) : asked,
      () => true,
    )
  }),
})

methods(administration, '/defaultrealm/:realm', {
  POST: administered(async (c, credential, params) => {
    const realm = parseRealm(params)
    return reply(
      c,
      realm.ok ? await setDefaultRealm(c.var.ports, credential, c.var.source, realm.value) : realm,
      () => 1,
    )
  }),
})

methods(administration, '/system/setConfig', {
  POST: administered(async (c, credential, params) =>
    reply(c, await saveSettings(c.var.ports, credential, c.var.source, params), (saved) => saved),
  ),
})
methods(administration, '/system', {
  GET: administered(async (c, credential) => reply(c, await settings(c.var.ports, credential), (all) => all)),
})
methods(administration, '/system/:key', {
  GET: administered(async (c, credential) =>
    reply(
      c,
      await settings(c.var.ports, credential),
      (all) => new Map(Object.entries(all)).get(param(c, 'key')) ?? null,
    ),
  ),
  DELETE: administered(async (c, credential) =>
    reply(c, await deleteSetting(c.var.ports, credential, c.var.source, param(c, 'key')), Number),
  ),
})
