/** The API's description as its readers have it: OpenAPI 3.1, as far as they read it here. */

export interface Shape {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Shape>>
  readonly items?: Shape
  readonly allOf?: readonly Shape[]
  readonly anyOf?: readonly Shape[]
  readonly required?: readonly string[]
  readonly $ref?: string
}

export interface Operation {
  readonly operationId: string
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly explode?: boolean
    readonly schema: Shape
    readonly example?: string
  }[]
  readonly requestBody?: {
    readonly content: Readonly<
      Record<string, { readonly schema: Shape; readonly example?: Readonly<Record<string, string>> }>
    >
  }
  readonly responses: Readonly<
    Record<string, { readonly $ref?: string; readonly content?: Readonly<Record<string, { readonly schema: Shape }>> }>
  >
}

export interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Shape>> }
}

export const describedAt = async (url: string): Promise<Described> =>
  (await fetch(`${url}/openapi.json`)).json() as Promise<Described>
