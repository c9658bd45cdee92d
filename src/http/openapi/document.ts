import { VERSION } from '../../protocol/envelope.ts'
import type { Shape } from '../../protocol/shape.ts'
import type { RegisteredRoute } from '../route.ts'
import { responses, schemas, securitySchemes, tags } from './components.ts'
import { operationOf } from './operation.ts'

export interface Content {
  readonly [type: string]: { readonly schema: Shape; readonly example?: Readonly<Record<string, string>> }
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly description?: string
  readonly schema: Shape
  readonly style?: 'form'
  readonly explode?: boolean
  readonly example?: string
}

export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description: string
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<
    Record<string, { readonly $ref?: string; readonly description?: string; readonly content?: Content }>
  >
}

/** OpenAPI 3.1, as far as Nod says something in it. */
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

const DESCRIPTION = `Push MFA at the edge, in the words of privacyIDEA's push token.

A parameter may stand in the query, in a form, in a JSON body or in the path, whatever the method: JSON counts before the \
query, the query before a form, the path before all. In forms and queries everything is text; yes and no are \`1\`, \`true\`, \
\`True\` or \`TRUE\`, and anything else. What is not named here is not read. Doubled slashes and one at the end of a path \
are of no account.

Every answer is one JSON frame: \`result.value\` says what came of it, \`result.error\` why nothing did.

A plugin that can send no header has its service key in its base address, \`/s/<key>\`.`

const PART = /:(\w+)/g
const sameAs = (one: string, other: string): boolean => one.replaceAll(PART, ':') === other.replaceAll(PART, ':')

/** A path whose parts one method calls otherwise than another is one path: its parts are called as the first calls them. */
function inPath(path: string, operation: Operation): Operation {
  const names = [...path.matchAll(PART)].map(([, name = '']) => name)
  const parameters = operation.parameters?.map((one) =>
    one.in === 'path' ? { ...one, name: names.shift() ?? one.name } : one,
  )
  return parameters === undefined ? operation : { ...operation, parameters }
}

/** The API's description of these routes. */
export function openApiDocument(routes: readonly RegisteredRoute[]): OpenApi {
  const requests: Record<string, Shape> = {}
  const paths: Record<string, Record<string, Operation>> = {}
  for (const registered of routes) {
    const path = routes.map((one) => one.path).find((one) => sameAs(one, registered.path)) ?? registered.path
    const said = inPath(path, operationOf(registered, requests))
    const key = path.replaceAll(PART, '{$1}')
    paths[key] = { ...paths[key], [registered.method.toLowerCase()]: said }
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
        description: 'For a plugin that can send no header',
        variables: { key: { default: 'nod_', description: 'A service key' } },
      },
    ],
    tags: tags.filter(({ name }) => used.has(name)),
    paths,
    components: { schemas: { ...schemas, ...requests }, responses, securitySchemes },
  }
}
