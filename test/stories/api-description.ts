/** Compares responses with the API's description. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { OpenApiDocument, Operation, JsonSchema } from '../openapi.ts'

export interface DescribedOperation {
  readonly method: string
  readonly path: string
  readonly said: Operation
}

export class ApiDescription {
  readonly #document: OpenApiDocument
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true })
  readonly #compiled = new Map<string, ValidateFunction>()

  constructor(document: OpenApiDocument) {
    this.#document = document
    this.#ajv.addSchema(document, 'nod')
  }

  get operations(): readonly DescribedOperation[] {
    return Object.entries(this.#document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, said]) => ({ method: method.toUpperCase(), path, said })),
    )
  }

  /** The fields of an operation's body or query. */
  fields({ said }: DescribedOperation): Readonly<Record<string, JsonSchema>> {
    const single = (said.parameters ?? []).filter(
      ({ in: where, explode }) => where === 'query' && explode === undefined,
    )
    const body = said.requestBody?.content['application/json']?.schema.$ref?.split('/').at(-1) ?? ''
    return {
      ...Object.fromEntries(single.map(({ name, schema }) => [name, schema])),
      ...this.#document.components.schemas[body]?.properties,
    }
  }

  /** The example call of an operation. */
  example({ said }: DescribedOperation): Readonly<Record<string, string>> {
    const single = (said.parameters ?? []).flatMap(({ name, example }) =>
      example === undefined ? [] : [[name, example]],
    )
    return { ...Object.fromEntries(single), ...said.requestBody?.content['application/json']?.example }
  }

  /** The differences between a response and its description; none if it matches. */
  faults(method: string, pathname: string, status: number, type: string, body: unknown): readonly string[] {
    const path = pathname.replaceAll(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '')
    const found = this.operations.find((one) => one.method === method && this.#pattern(one.path).test(path))
    if (found === undefined) return [`${method} ${path} is not described`]
    const about = `${method} ${found.path} ${status}`
    const answer = found.said.responses[status]
    if (answer === undefined) return [`${about} is not described`]
    const media = type.split(';')[0] ?? ''
    const pointer = [found.path, method.toLowerCase()].map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
    const at =
      answer.$ref === undefined
        ? `nod#/paths/${pointer.map(encodeURIComponent).join('/')}/responses/${status}`
        : `nod${answer.$ref}`
    const content = answer.$ref === undefined ? answer.content?.[media]?.schema : {}
    if (content === undefined) return body === undefined ? [] : [`${about} is not described as ${media}`]
    if (media !== 'application/json') return []
    const validate = this.#compile(`${at}/content/${encodeURIComponent(media.replaceAll('/', '~1'))}/schema`)
    if (!validate(body)) return [`${about}: ${this.#ajv.errorsText(validate.errors)}: ${JSON.stringify(body)}`]
    return unsaid(content.allOf?.[1] ?? {}, body).map((name) => `${about}: ${name} is not described`)
  }

  #pattern(path: string): RegExp {
    return new RegExp(`^${path.replaceAll('.', String.raw`\.`).replaceAll(/\{\w+\}/g, '[^/]+')}$`)
  }

  #compile($ref: string): ValidateFunction {
    const made = this.#compiled.get($ref) ?? this.#ajv.compile({ $ref })
    this.#compiled.set($ref, made)
    return made
  }
}

/** The fields of a value that its schema does not list. */
function unsaid(shape: JsonSchema, value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((one) => unsaid(shape.items ?? {}, one, `${path}[]`))
  const { properties } = shape
  if (typeof value !== 'object' || value === null || properties === undefined) return []
  // The envelope has been validated as a whole.
  const within = Object.entries(value).filter(([name]) => path !== '' || Object.hasOwn(properties, name))
  return within.flatMap(([name, one]) => {
    const field = properties[name]
    if (field !== undefined) return unsaid(field, one, `${path}.${name}`)
    return path === '.result' ? [] : [`${path}.${name}`]
  })
}
