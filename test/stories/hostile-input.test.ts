import { afterAll, beforeAll, describe, it } from 'vitest'
import { checkStatus, PATHS, type RequestParts, sendRaw } from './endpoints.ts'
import type { Driver } from '../driver/driver.ts'
import { openNod } from './scene.ts'

let nod: Driver

beforeAll(async () => {
  nod = await openNod('hostile')
})
// Undoes what was accepted and would disturb other tests.
afterAll(async () => {
  const { service } = nod
  await service.call('POST', '/defaultrealm/defrealm')
  await service.call('DELETE', '/system/splitAtSign')
  for (const [path, keep] of [
    ['/policy', 'hostile-enroll'],
    ['/apikey', '\0'],
  ] as const) {
    const { value } = await service.call('GET', path)
    for (const { name } of value as { name: string }[])
      if (!name.startsWith(keep)) await service.call('DELETE', `${path}/${encodeURIComponent(name)}`)
  }
  const { value } = await service.call('GET', '/administrator')
  for (const { login, configured } of value as { login: string; configured: boolean }[])
    if (!configured) await service.call('DELETE', `/administrator/${encodeURIComponent(login)}`)
  await nod.close()
})

const ask = (path: string, sent: RequestParts) => sendRaw(nod.service.token, path, sent)

/** Values that no honest caller sends. */
const HOSTILE: readonly unknown[] = [
  '',
  ' ',
  'x'.repeat(3000),
  'a\0b',
  '%00%zz',
  '__proto__',
  '*',
  '\uD800',
  -1,
  true,
  null,
  { a: 1 },
  [[['x']]],
]

describe.each(Object.entries(PATHS))('hostile input to %s', (path, [methods, base]) => {
  it.each(methods.split(', '))('by %s gets a well-formed response', async (method) => {
    const cases = Object.keys(base).flatMap((name) => HOSTILE.map((value) => [name, value] as const))
    const tries = cases.map(([name, value]): readonly [string, string, RequestParts] => {
      const about = `${method} ${name}=${JSON.stringify(value).slice(0, 40)}`
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      const twice = new URLSearchParams([...Object.entries(base), [name, text], [name, text]]).toString()
      if (method !== 'POST') return [about, `${path}?${twice}`, { method }]
      // Only JSON can hold values that are no text, and text that is not well-formed.
      const isForm = typeof value === 'string' && value.isWellFormed()
      const body = isForm ? twice : JSON.stringify({ ...base, [name]: value })
      return [about, path, { method, body, type: isForm ? 'application/x-www-form-urlencoded' : 'application/json' }]
    })
    for (let at = 0; at < tries.length; at += 16)
      await Promise.all(
        tries.slice(at, at + 16).map(async ([about, to, sent]) => checkStatus(await ask(to, sent), about)),
      )
  })

  it('in its path gets a well-formed response', async () => {
    const [first = ''] = methods.split(', ')
    const last = path.lastIndexOf('/')
    const names = HOSTILE.filter((value) => typeof value === 'string').map((value) =>
      encodeURIComponent(value.toWellFormed()),
    )
    for (const name of [...names, '%ff', '%E0%A4%A', '%zz', '%', '.', '..', '%2e', '%2F', '+', ';', '@']) {
      const to = `${path.slice(0, last)}/${name}`
      // The root leads to a page, which is no envelope.
      if (new URL(to, 'http://nod').pathname !== '/') await checkStatus(await ask(to, { method: first }), name)
    }
  })
})
