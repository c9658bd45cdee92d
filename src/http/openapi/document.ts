import { VERSION } from '../../protocol/version.ts'
import type { Shape } from '../../protocol/shape.ts'
import type { RegisteredRoute } from '../route.ts'
import { responses, schemas, securitySchemes, tags } from './components.ts'
import { operationOf } from './operation.ts'
import type { Operation } from './operation-types.ts'

/** The parts of OpenAPI 3.1 that Nod uses. */
export interface OpenApi {
  readonly openapi: '3.1.0'
  readonly info: Readonly<Record<string, unknown>> & {
    readonly title: string
    readonly version: string
    readonly description: string
  }
  readonly servers: readonly unknown[]
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Shape>>
    readonly responses: typeof responses
    readonly securitySchemes: typeof securitySchemes
  }
}

const DESCRIPTION = `Push MFA on Cloudflare Workers, with the API of privacyIDEA's push token.

A parameter may be in the query, in a form, in a JSON body or in the path, whatever the method. JSON wins over the query, \
the query over a form, and the path over all. In forms and queries every value is text; a yes is \`1\`, \`true\`, \`True\` \
or \`TRUE\`, and anything else is a no. Parameters that are not listed here are ignored. So are doubled slashes in a path \
and one at its end.

Every response is one JSON envelope: \`result.value\` is the result, \`result.error\` the reason why there is none.

A plugin that cannot send a header puts its service key into the base address: \`/s/<key>\`.`

const SEGMENT = /:(\w+)/g
const isSamePath = (path: string, other: string): boolean =>
  path.replaceAll(SEGMENT, ':') === other.replaceAll(SEGMENT, ':')

/** Renames the operation's path parameters as the path does. Two methods may name the segments of one path differently,
 *  but OpenAPI has one path for both. */
function withNamesOfPath(path: string, operation: Operation): Operation {
  const names = [...path.matchAll(SEGMENT)].map(([, name = '']) => name)
  const parameters = operation.parameters?.map((one) =>
    one.in === 'path' ? { ...one, name: names.shift() ?? one.name } : one,
  )
  return parameters === undefined ? operation : { ...operation, parameters }
}

/** Generates the OpenAPI document of these routes. */
export function openApiDocument(routes: readonly RegisteredRoute[]): OpenApi {
  const requests: Record<string, Shape> = {}
  const paths: Record<string, Record<string, Operation>> = {}
  for (const registered of routes) {
    const path = routes.map((one) => one.path).find((one) => isSamePath(one, registered.path)) ?? registered.path
    const operation = withNamesOfPath(path, operationOf(registered, requests))
    const key = path.replaceAll(SEGMENT, '{$1}')
    paths[key] = { ...paths[key], [registered.method.toLowerCase()]: operation }
  }
  const used = new Set(Object.values(paths).flatMap((path) => Object.values(path).flatMap((one) => one.tags)))
  return {
    openapi: '3.1.0',
    info: {
      title: 'Nod',
      version: VERSION,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [
      { url: '/' },
      {
        url: '/s/{key}',
        description: 'For a plugin that cannot send a header',
        variables: { key: { default: 'nod_', description: 'A service key' } },
      },
    ],
    tags: tags.filter(({ name }) => used.has(name)),
    paths,
    components: { schemas: { ...schemas, ...requests }, responses, securitySchemes },
  }
}
