/** Spells JSON schemas as TypeScript. */
import type { Shape } from '../../src/protocol/shape.ts'

export type Schemas = Readonly<Record<string, Shape>>

/** Whether a type is sent or received. A request may have undefined fields: they are left out of it. */
type Direction = 'request' | 'answer'

const SCALAR = new Set(['string', 'number', 'boolean'])

/** The type of the values that a schema accepts. */
export function renderType(shape: Shape, schemas: Schemas, direction: Direction): string {
  if (shape.$ref !== undefined) return renderType(schemas[shape.$ref.split('/').at(-1) ?? ''] ?? {}, schemas, direction)
  if (shape.enum !== undefined) return union(shape.enum.map((value) => literal(value)))
  if (shape.anyOf !== undefined) return union(shape.anyOf.map((one) => renderType(one, schemas, direction)))
  if (shape.allOf !== undefined) return shape.allOf.map((one) => renderType(one, schemas, direction)).join(' & ')
  const types = [shape.type ?? []].flat()
  if (types.length === 0) return 'unknown'
  if (direction === 'request' && [...SCALAR].every((type) => types.includes(type)))
    return types.includes('null') ? 'Scalar' : 'Exclude<Scalar, null>'
  return union(types.map((type) => renderOne(type, shape, schemas, direction)))
}

function renderOne(type: string, shape: Shape, schemas: Schemas, direction: Direction): string {
  switch (type) {
    case 'integer':
      return 'number'
    case 'array': {
      const items = renderType(shape.items ?? {}, schemas, direction)
      return `readonly ${/[ |&]/.test(items) && !items.startsWith('{') ? `(${items})` : items}[]`
    }
    case 'object':
      return objectType(shape, schemas, direction)
    default:
      return type
  }
}

function objectType(shape: Shape, schemas: Schemas, direction: Direction): string {
  const { properties = {}, required = [], additionalProperties } = shape
  const names = Object.keys(properties)
  if (names.length === 0)
    return `Readonly<Record<string, ${additionalProperties === undefined ? 'unknown' : renderType(additionalProperties, schemas, direction)}>>`
  const lines = Object.entries(properties).map(([name, field]) => {
    const isRequired = required.includes(name)
    const type = renderType(field, schemas, direction).replaceAll('\n', '\n  ')
    const absent = isRequired || direction === 'answer' ? '' : ' | undefined'
    const comment = field.description === undefined ? '' : docComment(field.description, '  ')
    return `${comment}  readonly ${propertyKey(name)}${isRequired ? '' : '?'}: ${type}${absent}\n`
  })
  return `{\n${lines.join('')}}`
}

const union = (types: readonly string[]): string => [...new Set(types)].join(' | ')

const literal = (value: unknown): string =>
  typeof value === 'string' ? `'${value.replaceAll(/[\\']/g, (character) => `\\${character}`)}'` : String(value)

export const propertyKey = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name}'`)

/** A comment of one line, or of a paragraph in each. */
export function docComment(text: string, indent: string): string {
  const lines = text.replaceAll('*/', '*\\/').trim().split('\n')
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`
}
