/** What stands in an answer, or in a request, for the API's description: JSON Schema, as far as Nod needs it. */
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
export const boolean = (description: string): Shape => ({ type: 'boolean', description })
export const oneOf = (description: string, ...values: readonly unknown[]): Shape => ({ enum: values, description })
export const listOf = (items: Shape, description?: string): Shape => ({
  type: 'array',
  items,
  ...(description === undefined ? {} : { description }),
})
export const orNull = ({ type = [], ...shape }: Shape): Shape => ({ type: [type, 'null'].flat(), ...shape })
/** Keys that are not known beforehand. */
export const mapOf = (values: Shape, description: string): Shape => ({
  type: 'object',
  additionalProperties: values,
  description,
})
/** Fields that are always there, and those that may be missing. */
export const object = (
  always: Readonly<Record<string, Shape>>,
  sometimes: Readonly<Record<string, Shape>> = {},
): Shape => ({
  type: 'object',
  properties: { ...always, ...sometimes },
  required: Object.keys(always),
})
