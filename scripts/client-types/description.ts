import { join } from 'node:path'
import type { Operation } from '../../src/http/openapi/operation-types.ts'
import type { Shape } from '../../src/protocol/shape.ts'
import { root } from '../lib/tools.mjs'

/** The parts of Nod's OpenAPI description that the client's types and the pages of /docs are made of. */
export interface Description {
  readonly info: { readonly description: string; readonly version: string }
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Shape>>
    readonly responses: Readonly<Record<string, { readonly description: string }>>
  }
}

type Exports = Readonly<Record<string, unknown>>
type Make = (input: unknown) => unknown

const load = (file: string): Promise<Exports> => import(join(root, 'src', 'http', file)) as Promise<Exports>

/** The description that Nod serves at `/openapi.json`, made of its routes. They are loaded at run time, because their types are those
 *  of the Worker's platform. */
export async function servedDescription(): Promise<Description> {
  const { ROUTERS } = await load('app.ts')
  const { registeredRoutes } = await load('route.ts')
  const { openApiDocument } = await load('openapi/document.ts')
  return (openApiDocument as Make)((registeredRoutes as Make)(ROUTERS)) as Description
}
