import { expect, it } from 'vitest'
import { packagePathsIn, releaseSbom, type Sbom } from '../../scripts/release/sbom.ts'

const component = (ref: string) => ({
  'bom-ref': ref,
  name: ref.split('@')[0] ?? '',
  scope: 'optional',
  properties: [
    { name: 'cdx:npm:package:path', value: '/home/grace/nod/node_modules/zod' },
    { name: 'cdx:npm:package:development', value: 'true' },
  ],
  externalReferences: [{ type: 'distribution', url: 'https://registry.example/zod.tgz' }],
})

const made = (at: string, refs: readonly string[]): Sbom => ({
  bomFormat: 'CycloneDX',
  serialNumber: `urn:uuid:${at}`,
  metadata: { timestamp: at, tools: [{ version: at }], component: component(`${at}@0.1.0`) },
  components: refs.map(component),
})

const AT = '2026-11-29T12:00:00.000Z'
const of = (sbom: Sbom, name = 'nod') => releaseSbom(sbom, name, AT, new Set(['zod@4.6.7']))

it('an SBOM is the same whenever and wherever it is made, and names no folder and no registry', () => {
  const one = of(made('monday', ['zod@4.6.7', 'ajv@8.20.0']))
  const { component: root, ...rest } = made('tuesday', ['ajv@8.20.0', 'zod@4.6.7']).metadata
  const metadata = { ...rest, component: { ...root, 'bom-ref': 'monday@0.1.0' } }
  expect(of({ ...made('tuesday', ['ajv@8.20.0', 'zod@4.6.7']), metadata })).toEqual(one)
  expect(JSON.stringify(one)).not.toMatch(/home|registry/)
  expect(one.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  expect(one.metadata.timestamp).toBe(AT)
  expect(of(made('monday', ['zod@4.6.7'])).serialNumber).not.toBe(one.serialNumber)
})

it('an SBOM tells what is shipped from what only builds, by name and version', () => {
  const { components } = of(made('monday', ['zod@4.6.7', 'zod@4.6.6', 'ajv@8.20.0']))
  expect(components.map((one) => [one['bom-ref'], one['scope']])).toEqual([
    ['ajv@8.20.0', 'excluded'],
    ['zod@4.6.6', 'excluded'],
    ['zod@4.6.7', 'required'],
  ])
})

it('source maps tell which packages are in a bundle', () => {
  const sources = [
    '../../nod/node_modules/zod/v4/core/api.js',
    'node_modules/@preact/signals/dist/signals.mjs',
    'node_modules/knip/node_modules/zod/index.js',
    'src/index.ts',
    'node-built-in-modules:fs',
  ]
  expect([...packagePathsIn([{ sources }])]).toEqual([
    'node_modules/zod',
    'node_modules/@preact/signals',
    'node_modules/knip/node_modules/zod',
  ])
})
