/** Renders the types of every operation of an OpenAPI description. The routes, their parameters and values keep their order, so the
 *  same description makes the same file. */
import type { Operation, Parameter } from '../../src/http/openapi/operation-types.ts'
import type { Shape } from '../../src/protocol/shape.ts'
import type { Description } from './description.ts'
import { docComment, propertyKey, renderType, type Schemas } from './types.ts'

const HEAD = `// Made by \`npm run client\` from the OpenAPI description that Nod serves at /openapi.json. Do not edit.

/** A parameter that is text, a number or a yes or no. The server reads all of them as text. */
export type Scalar = string | number | boolean | null

/** Every operation of Nod by its route: what it takes, and what it answers. */
export interface Operations {
`

export function operationTypes({ paths, components }: Description): string {
  const { schemas } = components
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      operationType(`${method.toUpperCase()} ${path}`, operation, schemas),
    ),
  )
  return `${HEAD}${operations.join('\n')}}\n`
}

function operationType(route: string, operation: Operation, schemas: Schemas): string {
  const { summary, description, parameters = [] } = operation
  const members = [
    `readonly id: '${operation.operationId}'`,
    `readonly parameters: ${parametersType(operation, schemas)}`,
    ...headersOf(parameters),
    ...answerOf(operation, schemas),
  ]
  const lines = members.flatMap((member) => member.split('\n')).map((line) => `    ${line}`)
  return `${docComment(`${summary}.\n\n${description}`, '  ')}  '${route}': {\n${lines.join('\n')}\n  }\n`
}

/** Path parameters, and beside them those of the query or body. Several bodies are alternatives. */
function parametersType({ parameters = [], requestBody }: Operation, schemas: Schemas): string {
  const single = parameters.filter(({ in: where, explode }) => where !== 'header' && explode === undefined)
  const body = requestBody?.content['application/json']?.schema
  const alternatives = body === undefined ? [] : (body.anyOf ?? [body]).map((shape) => resolve(shape, schemas))
  const inBody = new Set(alternatives.flatMap(({ properties = {} }) => Object.keys(properties)))
  const own = single.length === 0 ? [] : [membersType(single.map((one) => memberOf(one, inBody)))]
  const bodies = alternatives.map((shape) => renderType(shape, schemas, 'request'))
  const joined = bodies.length > 1 ? [`(${bodies.join(' | ')})`] : bodies
  return [...own, ...joined].join(' & ') || 'Readonly<Record<string, never>>'
}

const resolve = (shape: Shape, schemas: Schemas): Shape =>
  shape.$ref === undefined ? shape : (schemas[shape.$ref.split('/').at(-1) ?? ''] ?? {})

interface Member {
  readonly name: string
  readonly required: boolean
  readonly type: string
  readonly description: string | undefined
}

/** Where the body has a parameter of the same name, that of the path is in braces. */
const memberOf = (
  { name, in: where, required = false, schema, description }: Parameter,
  inBody: ReadonlySet<string>,
): Member => ({
  name: where === 'path' && inBody.has(name) ? `{${name}}` : name,
  required,
  type: where === 'path' ? 'string | number' : renderType(schema, {}, 'request'),
  description,
})

function membersType(members: readonly Member[]): string {
  const lines = members.map(({ name, required, type, description }) => {
    const field = `  readonly ${propertyKey(name)}${required ? '' : '?'}: ${type}${required ? '' : ' | undefined'}\n`
    return `${description === undefined ? '' : docComment(description, '  ')}${field.replaceAll(/\n(?!$)/g, '\n  ')}`
  })
  return `{\n${lines.join('')}}`
}

const headersOf = (parameters: readonly Parameter[]): readonly string[] => {
  const names = parameters.flatMap(({ in: where, name }) => (where === 'header' ? [`'${name}'`] : []))
  return names.length === 0 ? [] : [`readonly headers: ${names.join(' | ')}`]
}

/** `value` and `detail` of the envelope; `json` and `text` of answers without one. */
function answerOf({ responses }: Operation, schemas: Schemas): readonly string[] {
  const content = responses['200']?.content ?? {}
  const json = content['application/json']?.schema
  const envelope = json?.allOf?.[1]?.properties
  const value = envelope?.['result']?.properties?.['value']
  const detail = envelope?.['detail']
  const text = Object.keys(content).filter((type) => type !== 'application/json')
  return [
    ...(value === undefined ? [] : [`readonly value: ${renderType(value, schemas, 'answer')}`]),
    ...(detail === undefined ? [] : [`readonly detail: ${renderType(detail, schemas, 'answer')}`]),
    ...(json === undefined || envelope !== undefined ? [] : [`readonly json: ${renderType(json, schemas, 'answer')}`]),
    ...(text.length === 0 ? [] : [`readonly text: ${text.map((type) => `'${type}'`).join(' | ')}`]),
  ]
}
