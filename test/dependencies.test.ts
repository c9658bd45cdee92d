import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface LockedPackage {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, LockedPackage>>
}

describe('the workerd that Nod runs on', () => {
  it.each(['miniflare', 'workerd'])('is installed once: %s', (name) => {
    const copies = Object.keys(packages).filter((path) => path.endsWith(`node_modules/${name}`))
    expect(copies).toEqual([`node_modules/${name}`])
  })

  it('is the same for `npm start`, for `wrangler dev` and for tests', () => {
    const version = packages['node_modules/miniflare']?.version
    expect(version).toMatch(/^5\./)
    expect(packages['node_modules/wrangler']?.dependencies?.['miniflare']).toBe(version)
    expect(packages['node_modules/@cloudflare/vitest-plugin']?.dependencies?.['miniflare']).toBe(version)
  })
})
