/** The parts of an OpenAPI operation that Nod uses. */
import type { Shape } from '../../protocol/shape.ts'

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
