import type { Shape } from '../../protocol/shape.ts'
import type { RouteDescription, RegisteredRoute } from '../route.ts'
import { ACCESS_TEXTS, securitySchemes, tagOf } from './components.ts'
import type { Operation, Parameter } from './operation-types.ts'
import { shapeOf } from './request-schema.ts'
import { responsesOf } from './responses.ts'

/** Example values of required fields, by name of the field. */
const EXAMPLE_VALUES: Readonly<Record<string, string>> = {
  serial: 'PIPU1A2B3C4D',
  transaction_id: '01234567890123456789',
  user: 'ada',
  realm: 'sales',
  resolver: 'nod',
  login: 'grace',
  name: 'vpn',
  key: 'PushChallengeValidityTime',
  type: 'push',
}

/** Generates the OpenAPI operation of a route. Adds the schemas of its bodies to `requests`, by name. */
export function operationOf({ method, path, handler }: RegisteredRoute, requests: Record<string, Shape>): Operation {
  const { description } = handler
  const { roles, words } = ACCESS_TEXTS[description.access]
  const operationId = `${method.toLowerCase()}${path.replaceAll(/[^A-Za-z]*?(:?)([A-Za-z]+)/g, camelCase)}`
  const inPath = new Set([...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name))
  const shapes = Object.entries(description.parser.schemas).map(([name, schema]) => [name, shapeOf(schema)] as const)
  const isOne = shapes.length === 1
  const example = exampleOf(description, inPath, isOne ? shapes[0]?.[1] : undefined)
  const outside = [...pathParameters(shapes, inPath, example), ...headerParameters(description)]
  const bodies = shapes.flatMap(([name, shape]) => {
    const rest = withoutFields(shape, inPath)
    if (Object.keys(rest.properties ?? {}).length === 0) return []
    return [{ name: isOne ? operationId : `${operationId}.${name}`, shape: rest }]
  })
  const fields = shapes.flatMap(([, { properties = {} }]) => Object.keys(properties))
  return {
    operationId,
    tags: [tagOf(path)],
    summary: description.summary,
    description: [description.description, words].filter((text) => text !== undefined).join('\n\n'),
    security: roles === undefined ? [] : securityOf(description, roles),
    ...(method === 'GET' || method === 'DELETE'
      ? { parameters: [...outside, ...bodies.flatMap(({ shape }) => queryParameters(shape, example))] }
      : requestOf(bodies, requests, outside, example)),
    responses: responsesOf(method, description, fields, inPath),
  }
}

const camelCase = (_: string, colon: string, word: string): string =>
  `${colon === '' ? '' : 'By'}${word.charAt(0).toUpperCase()}${word.slice(1)}`

const securityOf = ({ access }: RouteDescription<unknown>, roles: readonly string[]) => [
  ...Object.keys(securitySchemes).map((scheme) => ({ [scheme]: roles })),
  ...(access === 'check' ? [{}] : []),
]

/** The fields of an example call: the required ones and those of the description. A route that selects tokens needs a
 *  selection, although none of its fields is required. */
function exampleOf(description: RouteDescription<unknown>, inPath: ReadonlySet<string>, shape: Shape | undefined) {
  const selectsTokens = Object.hasOwn(shape?.properties ?? {}, 'serials')
  const names = [...inPath, ...(shape?.required ?? []), ...(selectsTokens ? ['serial'] : [])]
  return { ...Object.fromEntries(names.map((name) => [name, EXAMPLE_VALUES[name] ?? '…'])), ...description.example }
}
type Example = ReturnType<typeof exampleOf>

function withoutFields({ properties = {}, required = [], ...shape }: Shape, names: ReadonlySet<string>): Shape {
  const needed = required.filter((name) => !names.has(name))
  return {
    ...shape,
    properties: Object.fromEntries(Object.entries(properties).filter(([name]) => !names.has(name))),
    ...(needed.length === 0 ? {} : { required: needed }),
  }
}

function parameter(name: string, where: Parameter['in'], shape: Shape, required: boolean, example: Example): Parameter {
  const { description, ...schema } = shape
  return {
    name,
    in: where,
    ...(required ? { required } : {}),
    ...(description === undefined ? {} : { description }),
    schema,
    ...(Object.hasOwn(example, name) ? { example: example[name] ?? '' } : {}),
  }
}

function pathParameters(
  shapes: readonly (readonly [string, Shape])[],
  inPath: ReadonlySet<string>,
  example: Example,
): readonly Parameter[] {
  const [, { properties = {} } = {}] = shapes[0] ?? []
  return [...inPath].map((name) => parameter(name, 'path', properties[name] ?? {}, true, example))
}

const queryParameters = ({ properties = {}, required = [] }: Shape, example: Example): readonly Parameter[] =>
  Object.entries(properties).map(([name, shape]) => parameter(name, 'query', shape, required.includes(name), example))

const headerParameters = ({ headers = {} }: RouteDescription<unknown>): readonly Parameter[] =>
  Object.entries(headers).map(([name, description]) =>
    parameter(name, 'header', { type: 'string', description }, false, {}),
  )

/** The request body in its three media types, and its fields as one exploded query parameter. */
function requestOf(
  bodies: readonly { readonly name: string; readonly shape: Shape }[],
  requests: Record<string, Shape>,
  parameters: readonly Parameter[],
  example: Example,
): Pick<Operation, 'parameters' | 'requestBody'> {
  if (bodies.length === 0) return { parameters }
  for (const { name, shape } of bodies) requests[name] = shape
  const refs = bodies.map(({ name }) => ({ $ref: `#/components/schemas/${name}` }))
  const schema: Shape = refs.length === 1 && refs[0] !== undefined ? refs[0] : { anyOf: refs }
  const inQuery = {
    name: 'fields',
    in: 'query',
    description: 'The fields of the body may also be in the query',
    style: 'form',
    explode: true,
    schema,
  } as const
  const inPath = new Set(parameters.map(({ name }) => name))
  const shownFields = Object.fromEntries(Object.entries(example).filter(([name]) => !inPath.has(name)))
  const content = { schema, ...(Object.keys(shownFields).length === 0 ? {} : { example: shownFields }) }
  return {
    parameters: [...parameters, inQuery],
    requestBody: {
      content: {
        'application/x-www-form-urlencoded': content,
        'multipart/form-data': content,
        'application/json': content,
      },
    },
  }
}
