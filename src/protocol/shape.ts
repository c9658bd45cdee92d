/** The JSON Schema of a request or response, with the keywords that Nod uses. */
export interface Shape {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly enum?: readonly unknown[]
  readonly items?: Shape
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Shape
  readonly anyOf?: readonly Shape[]
  readonly allOf?: readonly Shape[]
  readonly $ref?: string
}

export const string = (description: string): Shape => ({ type: 'string', description })
export const integer = (description: string): Shape => ({ type: 'integer', description })
/** A point in time. */
export const time = (description: string): Shape => integer(`${description}, in milliseconds since 1970`)
export const boolean = (description: string): Shape => ({ type: 'boolean', description })
export const oneOf = (description: string, ...values: readonly unknown[]): Shape => ({ enum: values, description })
export const listOf = (items: Shape, description?: string): Shape => ({
  type: 'array',
  items,
  ...(description === undefined ? {} : { description }),
})
export const orNull = ({ type = [], ...shape }: Shape): Shape => ({ type: [type, 'null'].flat(), ...shape })
/** An object with arbitrary keys. */
export const mapOf = (values: Shape, description: string): Shape => ({
  type: 'object',
  additionalProperties: values,
  description,
})
/** An object with required and optional fields. */
export const object = (
  required: Readonly<Record<string, Shape>>,
  optional: Readonly<Record<string, Shape>> = {},
): Shape => ({
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
})
