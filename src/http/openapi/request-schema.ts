import * as z from 'zod/mini'
import type { Shape } from '../../protocol/shape.ts'

/** A request's schema as JSON Schema: what may be sent, not what becomes of it. Of the kinds of schema that requests are
 *  made of; zod's own `toJSONSchema` knows them all and weighs 7 KB. test/http/fields.test.ts compares the two.
 *  Throws: for a kind it does not know. */
export function shapeOf(schema: z.core.$ZodType): Shape {
  const { description } = z.globalRegistry.get(schema) ?? {}
  return { ...bareShape(schema as z.core.$ZodTypes), ...(description === undefined ? {} : { description }) }
}

function bareShape(schema: z.core.$ZodTypes): Shape {
  const { def } = schema._zod
  switch (def.type) {
    case 'string':
      return Object.assign({ type: 'string' }, ...(def.checks ?? []).map(lengthOf))
    case 'number':
    case 'boolean':
      return { type: def.type }
    case 'unknown':
      return {}
    case 'array':
      return { type: 'array', items: shapeOf(def.element) }
    case 'record':
      return { type: 'object', additionalProperties: shapeOf(def.valueType) }
    case 'union':
      return oneOfTypes(def.options.map(shapeOf))
    case 'optional':
      return shapeOf(def.innerType)
    case 'nullable':
      return oneOfTypes([shapeOf(def.innerType), { type: 'null' }])
    case 'pipe':
      return shapeOf(def.in)
    case 'object': {
      const fields = Object.entries(def.shape)
      const required = fields.flatMap(([name, field]) => (field._zod.optin === undefined ? [name] : []))
      return {
        type: 'object',
        properties: Object.fromEntries(fields.map(([name, field]) => [name, shapeOf(field)])),
        ...(required.length === 0 ? {} : { required }),
      }
    }
    default:
      throw new Error(`the API's description has no words for ${def.type}`)
  }
}

/** The one thing that is asked of texts. */
function lengthOf(check: z.core.$ZodCheck): Shape {
  const { def } = check._zod as z.core.$ZodChecks['_zod']
  if (def.check === 'max_length') return { maxLength: def.maximum }
  if (def.check === 'min_length') return def.minimum === 0 ? {} : { minLength: def.minimum }
  throw new Error(`the API's description has no words for ${def.check}`)
}

/** One of several types: what JSON Schema asks of one type is of no account for the others. */
const oneOfTypes = (shapes: readonly Shape[]): Shape =>
  Object.assign({}, ...shapes, { type: shapes.flatMap(({ type = [] }) => type) })
