/** The folder in which `npm start` keeps databases and secrets. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { currentBuild } from '../../scripts/lib/build-cache.mjs'
import { openState } from '../../scripts/lib/state.mjs'
import { serve } from '../../scripts/serve.mjs'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nod-folder-'))
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

const rights = (...path: string[]) => statSync(join(folder, ...path)).mode & 0o7777

describe('a state folder', () => {
  it('keeps its data where the versions before kept it, whatever the deployed Worker is called', async () => {
    const { worker } = await currentBuild()
    expect([worker['name'], worker['d1Databases']]).toEqual(['nod', { DB: '00000000-0000-0000-0000-000000000000' }])
    const nod = await serve({ PORT: '0', NOD_STATE: folder, ADMIN_LOGIN: 'admin', ADMIN_PASSWORD: 'adminpw-of-tests' })
    const wrong = new URLSearchParams({ username: 'admin', password: 'wrong' })
    await fetch(`${nod.url}/auth`, { method: 'POST', body: wrong })
    await nod.stop()
    expect(readdirSync(join(folder, 'v3/do'))).toEqual(expect.arrayContaining(['nod-Counter', 'nod-Transactions']))
    const database = '9ba2b04bf514d9facfd57ed57d849e77241a7adc99d1c1545d06688b43d84248.sqlite'
    expect(existsSync(join(folder, 'v3/d1/miniflare-D1DatabaseObject', database))).toBe(true)
  })

  it('that others can read is closed to them, which is said once', () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    mkdirSync(join(folder, 'v3'))
    for (const name of ['secrets.json', 'dev.vars']) writeFileSync(join(folder, name), '{}')
    for (const [path, mode] of [
      ['', 0o755],
      ['v3', 0o755],
      ['secrets.json', 0o644],
      ['dev.vars', 0o664],
    ] as const)
      chmodSync(join(folder, path), mode)
    openState(folder).release()
    expect([rights(), rights('v3'), rights('secrets.json'), rights('dev.vars')]).toEqual([0o700, 0o700, 0o600, 0o600])
    expect(said).toHaveBeenCalledExactlyOnceWith(expect.stringContaining(join(folder, 'secrets.json')))
    openState(folder).release()
    expect(said).toHaveBeenCalledOnce()
  })

  it('that is made anew is closed to others, and nothing is said', () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    openState(join(folder, 'new')).release()
    expect([rights('new'), rights('new', 'v3')]).toEqual([0o700, 0o700])
    expect(said).not.toHaveBeenCalled()
  })

  it('that is shared, as /tmp is, stays open, and what Nod keeps in it does not', () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    writeFileSync(join(folder, 'secrets.json'), '{}')
    chmodSync(join(folder, 'secrets.json'), 0o644)
    chmodSync(folder, 0o1777)
    openState(folder).release()
    expect([rights(), rights('secrets.json')]).toEqual([0o1777, 0o600])
    expect(said).toHaveBeenCalledOnce()
  })
})
