import type { Shape } from '../../protocol/shape.ts'
import type { RouteDescription, RegisteredRoute } from '../route.ts'
import { ACCESS_TEXTS, securitySchemes, tagOf } from './components.ts'
import type { Operation, Parameter } from './document.ts'
import { shapeOf } from './request-schema.ts'
import { responsesOf } from './responses.ts'

/** Values for examples, by field: what a route must have and does not show itself. */
const EXAMPLES: Readonly<Record<string, string>> = {
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

/** What one route does, in the words of OpenAPI. The bodies it reads are put among `requests`, by name. */
export function operationOf({ method, path, handler }: RegisteredRoute, requests: Record<string, Shape>): Operation {
  const { about } = handler
  const { roles, words } = ACCESS_TEXTS[about.who]
  const operationId = `${method.toLowerCase()}${path.replaceAll(/[^A-Za-z]*?(:?)([A-Za-z]+)/g, named)}`
  const inPath = new Set([...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name))
  const shapes = Object.entries(about.reads.schemas).map(([name, schema]) => [name, shapeOf(schema)] as const)
  const isOne = shapes.length === 1
  const example = exampleOf(about, inPath, isOne ? shapes[0]?.[1] : undefined)
  const outside = [...pathParameters(shapes, inPath, example), ...headerParameters(about)]
  const bodies = shapes.flatMap(([name, shape]) => {
    const rest = without(shape, inPath)
    if (Object.keys(rest.properties ?? {}).length === 0) return []
    return [{ name: isOne ? operationId : `${operationId}.${name}`, shape: rest }]
  })
  const fields = shapes.flatMap(([, { properties = {} }]) => Object.keys(properties))
  return {
    operationId,
    tags: [tagOf(path)],
    summary: about.summary,
    description: [about.description, words].filter((text) => text !== undefined).join('\n\n'),
    security: roles === undefined ? [] : securityOf(about, roles),
    ...(method === 'GET' || method === 'DELETE'
      ? { parameters: [...outside, ...bodies.flatMap(({ shape }) => queryParameters(shape, example))] }
      : sentInBody(bodies, requests, outside, example)),
    responses: responsesOf(method, about, fields, inPath),
  }
}

const named = (_: string, colon: string, word: string): string =>
  `${colon === '' ? '' : 'By'}${word.charAt(0).toUpperCase()}${word.slice(1)}`

const securityOf = ({ who }: RouteDescription<unknown>, roles: readonly string[]) => [
  ...Object.keys(securitySchemes).map((scheme) => ({ [scheme]: roles })),
  ...(who === 'check' ? [{}] : []),
]

/** A call that does something: what must be there, and what the route itself shows. Of the ways to name tokens one must be. */
function exampleOf(about: RouteDescription<unknown>, inPath: ReadonlySet<string>, shape: Shape | undefined) {
  const isOfTokens = Object.hasOwn(shape?.properties ?? {}, 'serials')
  const needed = [...inPath, ...(shape?.required ?? []), ...(isOfTokens ? ['serial'] : [])]
  return { ...Object.fromEntries(needed.map((name) => [name, EXAMPLES[name] ?? '…'])), ...about.example }
}
type Example = ReturnType<typeof exampleOf>

function without({ properties = {}, required = [], ...shape }: Shape, names: ReadonlySet<string>): Shape {
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

/** A body in one of three spellings; and, as one parameter of many fields, the same in the query. */
function sentInBody(
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
    description: 'The fields of the body may stand here as well',
    style: 'form',
    explode: true,
    schema,
  } as const
  const inPath = new Set(parameters.map(({ name }) => name))
  const shown = Object.fromEntries(Object.entries(example).filter(([name]) => !inPath.has(name)))
  const content = { schema, ...(Object.keys(shown).length === 0 ? {} : { example: shown }) }
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
