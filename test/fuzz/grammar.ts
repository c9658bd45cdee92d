/** Generates requests from the API's description: known fields with valid, nearly valid and invalid values. */
import type { OpenApiDocument } from '../openapi.ts'
import type { SeededRandom } from './seeded-random.ts'

export interface FuzzRequest {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer
  /** The statuses that the description has for it. */
  readonly statuses: readonly string[]
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND']
const AGENTS = [
  'privacyidea-cp/2.0',
  'privacyIDEA-Keycloak/1.8.0',
  'FreeRADIUS',
  'PAM/1.1.0',
  'simpleSAMLphp/1',
  '',
  'x'.repeat(300),
]
const ODD: readonly unknown[] = [
  '',
  ' ',
  '0',
  '1',
  '-1',
  'true',
  'null',
  '*',
  '%',
  '%25',
  '%00',
  '\u0000',
  '\ud800',
  '💥',
  'a@b',
  'a\\b',
  '../..',
  "' OR 1=1 --",
  '"; DROP TABLE tokens; --',
  '{',
  '[]',
  '{"a":1}',
  '<script>',
  '|',
  'a|decline',
  'x'.repeat(255),
  'x'.repeat(5000),
  '9'.repeat(30),
  '2026-11-24T06:28:20Z',
  '00000000000000000000',
  '18446744073709551615',
  'A'.repeat(64),
  '((((',
  '(a+)+$',
  'Mon-Fri: 8-17',
  '10.0.0.0/8',
  '{serial!r:>999999999}',
  '{user',
  "a, b=c, d='",
]
const ODD_JSON: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  2 ** 53,
  [],
  {},
  [null],
  { toString: 1 },
  { __proto__: null, a: [[[[]]]] },
]

/** Every operation of the description, with the fields it reads. */
export class Grammar {
  readonly #operations: readonly {
    readonly method: string
    readonly path: string
    readonly fields: readonly string[]
    readonly statuses: readonly string[]
  }[]

  constructor({ paths, components }: OpenApiDocument) {
    this.#operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => {
        const shapes = Object.values(requestBody?.content ?? {}).map(({ schema }) => {
          const named = schema.$ref === undefined ? schema : components.schemas[schema.$ref.split('/').at(-1) ?? '']
          return Object.keys(named?.properties ?? {})
        })
        const fields = [...new Set([...parameters.map(({ name }) => name), ...shapes.flat()])]
        return { method: method.toUpperCase(), path, fields, statuses: Object.keys(responses) }
      }),
    )
    if (this.#operations.length < 60) throw new Error('the description has too few operations to be one of Nod')
  }

  /** `known`: by field, values that name something that exists. */
  request(chance: SeededRandom, known: Readonly<Record<string, readonly string[]>>): FuzzRequest {
    const { method, path, fields } = chance.of(this.#operations)
    const used = chance.is(0.05) ? chance.of(METHODS) : method
    // Another method may be another operation of the path, with statuses of its own.
    const statuses = this.#operations.find((one) => one.method === used && one.path === path)?.statuses ?? []
    const value = (field: string): unknown => {
      const names = known[field]
      if (names !== undefined && chance.is(0.7)) return chance.of(names)
      return chance.is(0.2) ? chance.of(ODD_JSON) : chance.of(ODD)
    }
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, field: string) => encode(text(value(field)), chance))
    const given = fields.filter(() => chance.is(0.6)).map((field) => [field, value(field)] as const)
    if (chance.is(0.1)) given.push([text(chance.of(ODD)), chance.of(ODD)])
    const headers: Record<string, string> = {}
    if (chance.is(0.5)) headers['User-Agent'] = chance.of(AGENTS)
    if (chance.is(0.05)) headers['Idempotency-Key'] = chance.of(['a', 'b', 'x'.repeat(1000)])
    if (chance.is(0.02)) headers['Last-Event-ID'] = chance.of(['over', 'accept', 'x'])
    if (chance.is(0.05)) headers['X-Forwarded-For'] = chance.of(['10.0.0.1, 1.2.3.4', 'x', ','.repeat(200)])
    const name = `${used} ${path}`
    const slashed = chance.is(0.05) ? `/${filled}//` : filled
    if (used === 'GET' || used === 'HEAD' || chance.is(0.2)) {
      const query = given.map(([field, one]) => `${encode(field, chance)}=${encode(text(one), chance)}`).join('&')
      return { name, method: used, path: `${slashed}?${query}`, headers, statuses }
    }
    return {
      name,
      method: used,
      path: slashed,
      headers: { ...headers, ...typed(chance) },
      body: bodyOf(given, chance),
      statuses,
    }
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Percent-encodes a text, correctly most of the time. */
function encode(value: string, chance: SeededRandom): string {
  const whole = encodeURIComponent(value.toWellFormed())
  if (chance.is(0.03)) return encodeURIComponent(whole)
  return chance.is(0.02) ? whole.replaceAll('%', '%%') : whole
}

const TYPES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=X',
  'text/plain',
  'application/xml',
  '',
  'multipart/form-data',
]
const typed = (chance: SeededRandom): Readonly<Record<string, string>> => ({ 'Content-Type': chance.of(TYPES) })

function bodyOf(given: readonly (readonly [string, unknown])[], chance: SeededRandom): Buffer {
  switch (chance.below(6)) {
    case 0:
      return Buffer.from(chance.bytes(200))
    case 1:
      return Buffer.from(
        `${given.map(([name, one]) => `--X\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text(one)}\r\n`).join('')}--X--\r\n`,
      )
    case 2:
    case 3:
      return Buffer.from(JSON.stringify(Object.fromEntries(given)))
    case 4:
      return chance.is(0.02) ? Buffer.alloc(70_000, 'a=b&') : Buffer.from(JSON.stringify(given))
    default:
      return Buffer.from(given.map(([name, one]) => `${encode(name, chance)}=${encode(text(one), chance)}`).join('&'))
  }
}
