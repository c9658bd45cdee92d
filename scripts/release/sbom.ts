/** What Nod is made of, as CycloneDX: `npm sbom`, without what depends on the machine, and with what is shipped told from what only builds. */
import { createHash } from 'node:crypto'

interface Component {
  readonly 'bom-ref': string
  readonly name: string
  readonly externalReferences?: readonly unknown[]
  readonly [field: string]: unknown
}

export interface Sbom {
  readonly serialNumber: string
  readonly metadata: {
    readonly timestamp: string
    readonly tools: unknown
    readonly component: Component
    readonly [field: string]: unknown
  }
  readonly components: readonly Component[]
  readonly [field: string]: unknown
}

/** The same for the same packages, wherever it was made: `required` is what the bundle and the pages hold, `excluded` what they are built
 *  and tested with.
 *  @param at when the release was made, as ISO 8601
 *  @param shipped packages as `zod@4.6.7` */
export function releaseSbom(made: Sbom, name: string, at: string, shipped: ReadonlySet<string>): Sbom {
  const { component, ...metadata } = made.metadata
  const sbom = {
    ...made,
    serialNumber: '',
    metadata: {
      ...metadata,
      timestamp: at,
      tools: [{ vendor: 'npm', name: 'cli' }],
      component: stripped({ ...component, name }),
    },
    components: made.components
      .map((one) => stripped({ ...one, scope: shipped.has(one['bom-ref']) ? 'required' : 'excluded' }))
      .toSorted((one, other) => (one['bom-ref'] < other['bom-ref'] ? -1 : 1)),
  }
  const hash = createHash('sha256').update(JSON.stringify(sbom)).digest('hex')
  const parts = [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ]
  return { ...sbom, serialNumber: `urn:uuid:${parts.join('-')}` }
}

/** Without properties that name a path, and references that name a registry. */
function stripped(component: Component): Component {
  const { externalReferences: _, properties, ...rest } = component
  const kept = (Array.isArray(properties) ? (properties as { readonly name: string }[]) : []).filter(
    ({ name }) => name !== 'cdx:npm:package:path',
  )
  return { ...rest, ...(kept.length === 0 ? {} : { properties: kept }) }
}

/** The paths of the packages whose files stand in source maps: `node_modules/zod`. */
export const packagePathsIn = (maps: readonly { readonly sources: readonly string[] }[]): ReadonlySet<string> =>
  new Set(
    maps.flatMap(({ sources }) =>
      sources.flatMap((source) => /node_modules\/(?:.*node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(source)?.[0] ?? []),
    ),
  )
