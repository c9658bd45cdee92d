import * as z from 'zod/mini'
import type { Shape } from '../../protocol/shape.ts'

/** The JSON Schema of what a request may send, before its parser converts it. */
export function shapeOf(schema: z.core.$ZodType): Shape {
  const { $schema: _, ...shape } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => mergeTypes(jsonSchema),
  })
  return shape as Shape
}

/** Turns alternatives into one schema with a list of types, which a reader takes in at a glance. Every keyword in use
 *  (`maxLength`, `items`, …) applies to one type only, so the merged schema accepts the same values. */
function mergeTypes(schema: z.core.JSONSchema.BaseSchema): void {
  const { anyOf } = schema
  if (anyOf === undefined) return
  // An alternative that several fields share may not have been merged yet.
  for (const one of anyOf) mergeTypes(one)
  delete schema.anyOf
  Object.assign(schema, ...anyOf, { type: anyOf.flatMap(({ type = [] }) => type) })
}
