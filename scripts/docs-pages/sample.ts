/** Makes a sample answer of an operation from the schema of its answers. */
import type { Operation } from '../../src/http/openapi/operation-types.ts'
import type { Shape } from '../../src/protocol/shape.ts'
import { KEYS, NUMBERS, SAMPLE_TIME, TEXTS, YES } from './sample-values.ts'

type Schemas = Readonly<Record<string, Shape>>

/** The JSON that an operation may answer with 200; undefined if it answers something else. */
export function sampleAnswer({ responses }: Operation, schemas: Schemas): unknown {
  const schema = responses['200']?.content?.['application/json']?.schema
  if (schema === undefined) return undefined
  const [envelope, own] = schema.allOf ?? []
  if (envelope === undefined || own === undefined) return sampleOf(schema, '', schemas)
  const { result, detail } = own.properties ?? {}
  const value = sampleOf(result?.properties?.['value'] ?? {}, 'result', schemas)
  return {
    id: 1,
    jsonrpc: '2.0',
    result: { status: true, value },
    ...(detail === undefined ? {} : { detail: sampleOf(detail, 'detail', schemas) }),
    time: SAMPLE_TIME / 1000,
    version: TEXTS['version'],
    versionnumber: TEXTS['versionnumber'],
  }
}

/** A value that this schema accepts. `name`: the field it is for. */
function sampleOf(shape: Shape, name: string, schemas: Schemas): unknown {
  if (shape.$ref !== undefined) return sampleOf(schemas[shape.$ref.split('/').at(-1) ?? ''] ?? {}, name, schemas)
  if (shape.enum !== undefined) return shape.enum.includes(TEXTS[name]) ? TEXTS[name] : shape.enum[0]
  const [alternative] = shape.anyOf ?? []
  if (alternative !== undefined) return sampleOf(alternative, name, schemas)
  if (shape.allOf !== undefined) return Object.assign({}, ...shape.allOf.map((one) => sampleOf(one, name, schemas)))
  switch ([shape.type ?? []].flat()[0]) {
    case 'object':
      return objectOf(shape, name, schemas)
    case 'array':
      return shape.items === undefined ? [] : [sampleOf(shape.items, name, schemas)]
    case 'string':
      return textOf(shape, name)
    case 'integer':
    case 'number':
      return numberOf(shape, name)
    case 'boolean':
      return shape.description === 'true' || YES.has(name)
    case 'null':
      return null
    default:
      return {}
  }
}

function objectOf({ properties, additionalProperties }: Shape, name: string, schemas: Schemas): unknown {
  if (properties !== undefined)
    return Object.fromEntries(
      Object.entries(properties).map(([field, shape]) => [field, sampleOf(shape, field, schemas)]),
    )
  if (additionalProperties === undefined) return {}
  return { [KEYS[name] ?? 'name']: sampleOf(additionalProperties, `${name}{}`, schemas) }
}

/** A description of one word, such as `clientwait`, is the only value. */
function textOf({ description = '' }: Shape, name: string): string {
  if (/^(?:Always )?[Ee]mpty\b/.test(description)) return ''
  if (description === 'None') return description
  const known = TEXTS[name]
  if (known !== undefined) return known
  if (/\bUTC\b|^[WS](?:hen|ince)\b/.test(description)) return '2026-11-29T11:20:07Z'
  if (description.startsWith('Login name')) return 'ada'
  return /^[a-z\d_*.-]+$/.test(description) ? description : '…'
}

function numberOf({ description = '' }: Shape, name: string): number {
  if (/^\d+$/.test(description)) return Number(description)
  if (/since (?:1970|the epoch)/.test(description)) return SAMPLE_TIME
  return NUMBERS[name] ?? 1
}
