/** What a load balancer and a cache read: the probes, and `Cache-Control`. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver } from '../driver/driver.ts'
import { openNod, url } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('probes')
})
afterAll(() => nod.close())

describe('a probe', () => {
  it.each([
    ['/healthz/startupz', 'started'],
    ['/healthz/livez', 'OK'],
    ['/healthz/readyz', 'ready'],
  ])('of %s is answered in the words of privacyIDEA', async (path, status) => {
    const reply = await nod.caller().call('GET', path)
    expect(reply).toMatchObject({ status: 200, value: { status } })
    expect(reply.body).toMatchObject({ id: 1, jsonrpc: '2.0', time: expect.any(Number) })
    expect(reply.headers.get('cache-control')).toBe('no-cache')
    expect((await fetch(url + path, { method: 'HEAD' })).status).toBe(200)
    expect(await nod.caller().call('POST', path)).toMatchObject({ status: 405 })
  })

  it('of /healthz says which version of Nod answers, and every other answer says the same', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }
    expect(await nod.caller().call('GET', '/healthz')).toMatchObject({ status: 200, body: { status: 'ok', version } })
    const { body } = await nod.caller().call('GET', '/healthz/readyz')
    expect(body).toMatchObject({ version: `Nod ${version}`, versionnumber: version })
  })

  it('says whether the version is the one that is asked for, and never which one it is', async () => {
    const asked = async (id: string): Promise<unknown> =>
      (await nod.caller().call('GET', '/healthz', { query: { version_id: id } })).body
    expect(await asked('5ad2c8d0-5b2e-4d0f-9d4f-2f6c0e6e1f11')).toEqual({
      status: 'ok',
      version: expect.any(String),
      is_version: false,
    })
    expect((await nod.caller().call('GET', '/healthz')).body).toEqual({ status: 'ok', version: expect.any(String) })
  })

  it('of another name does not exist', async () => {
    expect(await nod.caller().call('GET', '/healthz/nosuch')).toMatchObject({ status: 404, error: { code: 601 } })
  })
})

describe('an answer', () => {
  it.each([
    ['POST', '/token/init'],
    ['POST', '/auth'],
    ['POST', '/apikey'],
    ['POST', '/token/bypass'],
    ['POST', '/validate/check'],
    ['GET', '/healthz'],
    ['GET', '/healthz/readyz'],
    ['GET', '/openapi.json'],
    ['GET', '/docs'],
    ['GET', '/audit/nod.csv'],
    ['GET', '/nosuch'],
  ])('to %s %s is taken for nothing else than it says it is', async (method, path) => {
    expect((await fetch(url + path, { method })).headers.get('x-content-type-options')).toBe('nosniff')
  })

  it.each([
    ['GET', '/validate/check'],
    ['POST', '/validate/check'],
    ['POST', '//validate/check/'],
    ['POST', '/validate/radiuscheck'],
    ['POST', '/validate/triggerchallenge'],
    ['POST', '/validate/offlinerefill'],
    ['POST', '/validate/initialize'],
    ['POST', '/token/init'],
    ['GET', '/token/init'],
    ['POST', '/auth'],
    ['POST', '/apikey'],
    ['GET', '/apikey'],
    ['POST', '/apikey/vpn/rotate'],
    ['GET', '/deployment/nosuch'],
    ['GET', '/token/bypass'],
    ['POST', '/token/lost/PIPUNOSUCH'],
    ['POST', '/token/setrandompin/PIPUNOSUCH'],
  ])('to %s %s is stored nowhere', async (method, path) => {
    expect((await fetch(url + path, { method })).headers.get('cache-control')).toBe('no-store')
  })

  it.each([
    ['GET', '/validate/polltransaction'],
    ['GET', '/ttype/push'],
    ['GET', '/token/'],
    ['POST', '/token/enable/PIPUNOSUCH'],
    ['GET', '/policy/'],
    ['GET', '/nosuch'],
  ])('to %s %s is asked for again each time', async (method, path) => {
    expect((await fetch(url + path, { method })).headers.get('cache-control')).toBe('no-cache')
  })
})
