import * as z from 'zod/mini'
import { nearest } from '../nearest.ts'
import { done, type Outcome, refuse } from '../refusal.ts'

/** The parameters of a request as one flat map. Values are text, except in a JSON body. */
export type Parameters = Readonly<Record<string, unknown>>

/** Parses a form body. The last of repeated names wins. Never throws: an invalid percent escape stays as it is. */
export function parseForm(text: string): Parameters {
  // URLSearchParams drops a leading question mark. Adding one protects a field name that begins with it.
  return Object.fromEntries(new URLSearchParams(`?${text}`))
}

/** Parses a query, with or without its question mark. The last of repeated names wins. */
export function parseQuery(search: string): Parameters {
  if (search === '') return {}
  return Object.fromEntries(new URLSearchParams(search))
}

/** Merges the parameters of a request: query over form, JSON over both, path over all.
 *  Source: docs/protocol.md, "Parameters". */
export function mergeParameters(sources: {
  readonly form?: Parameters
  readonly query?: Parameters
  readonly json?: Parameters
  readonly path?: Parameters
}): Parameters {
  return { ...sources.form, ...sources.query, ...sources.json, ...sources.path }
}

/** User-Agents of clients that percent-encode values twice. */
const DOUBLE_ENCODERS: ReadonlySet<string> = new Set([
  'privacyidea-keycloak',
  'entraid-via-keycloak',
  'privacyidea-shibboleth',
  'freeradius',
])

/** Decodes percent escapes once more if the client is known to encode twice. For values of form, query and path, not of
 *  JSON. A `+` stays, and so does an invalid escape. privacyIDEA decodes twice for nearly every client, which damages a
 *  PIN such as `50%41`. Source: docs/protocol.md, "Parameters" and "Hardenings". */
export function undoDoubleEncoding(params: Parameters, userAgent: string): Parameters {
  const name = /^[A-Za-z0-9_-]+(?=[/ ]|$)/.exec(userAgent)?.[0] ?? ''
  if (!DOUBLE_ENCODERS.has(name.toLowerCase())) return params
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => [key, typeof value === 'string' ? percentDecoded(value) : value]),
  )
}

function percentDecoded(text: string): string {
  return text.replaceAll(/(?:%[0-9a-fA-F]{2})+/g, (escapes) => {
    try {
      return decodeURIComponent(escapes)
    } catch {
      return escapes
    }
  })
}

/** Whether a value is one of privacyIDEA's spellings of true. Everything else is false.
 *  Source: docs/protocol.md, "Parameters". */
export const isTrue = (value: unknown): boolean =>
  value === 1 || value === true || value === '1' || value === 'true' || value === 'True' || value === 'TRUE'

/** Whether a parameter was sent. An empty text counts as sent, a JSON null does not. */
export const isPresent = <T>(value: T): value is T & {} => value !== undefined && value !== null

/** Whether a name can be a path segment. `.` and `..` cannot, encoded or not, so that an object with such a name could
 *  not be deleted. */
export const isPathSegment = (name: string): boolean => name !== '.' && name !== '..'

const LENGTH = 2_000

/** A single value: text, or a number or boolean of a JSON body. */
type Value = string | number | boolean

/** Makes each schema of a field's value once: hundreds of fields share them, and a new isolate makes all fields before its first
 *  request. */
function shared<Limits extends readonly number[], Schema>(make: (...limits: Limits) => Schema) {
  const made = new Map<string, Schema>()
  return (...limits: Limits): Schema => {
    const key = limits.join()
    const schema = made.get(key) ?? make(...limits)
    made.set(key, schema)
    return schema
  }
}

const oneValue = shared((minimum: number, maximum: number) => {
  const error = `expected text of at most ${maximum} characters`
  const atMost = z.string().check(z.maxLength(maximum, error))
  const text = minimum === 0 ? atMost : atMost.check(z.minLength(minimum, error))
  return z.union([text, z.number(), z.boolean()], { error })
})

const optionalValue = shared((maximum: number) => z.nullish(oneValue(0, maximum)))

const namesValue = shared((maximum: number) => {
  const error = 'expected names, separated by commas or in a list'
  const text = z.string().check(z.maxLength(maximum, error))
  const nameArray = z.array(text).check(z.maxLength(maximum, error))
  return z.nullish(z.union([text, nameArray], { error }))
})

/** Converts a value to text. Lone surrogates, which only JSON can hold, become U+FFFD, because they have no UTF-8 and
 *  therefore no signature and no canonical form. */
const asText = (value: Value): string => String(value).toWellFormed()

/** Adds a description to a schema, for the API's description. */
export function withDescription<Schema extends z.ZodMiniType>(description: string, schema: Schema): Schema {
  z.globalRegistry.add(schema, { description })
  return schema
}

const field = <From, To>(description: string, form: z.ZodMiniType<From>, to: z.ZodMiniTransform<To, From>) =>
  withDescription(description, z.pipe(form, to))

// The transforms that fields share.
const toText = z.transform(asText)
const toOptionalText = z.transform((value: Value | null | undefined) =>
  isPresent(value) && value !== '' ? asText(value) : undefined,
)
const toTextIfPresent = z.transform((value: Value | null | undefined) => (isPresent(value) ? asText(value) : undefined))
const toFlag = z.transform(isTrue)
const toNames = z.transform((value: string | string[] | null | undefined) => {
  if (!isPresent(value) || value === '') return undefined
  const names = typeof value === 'string' ? value.split(',') : value
  return names.map((name) => name.trim().toWellFormed()).filter((name) => name !== '')
})

/** A required text that is not empty. Numbers and booleans of JSON become text. */
export const required = (description: string, maximum: number = LENGTH) =>
  field(description, oneValue(1, maximum), toText)

/** A required text that may be empty. */
export const requiredOrEmpty = (description: string, maximum: number = LENGTH) =>
  field(description, oneValue(0, maximum), toText)

/** An optional text. An empty one counts as missing. */
export const optional = (description: string, maximum: number = LENGTH) =>
  field(description, optionalValue(maximum), toOptionalText)

/** An optional text for which empty and missing differ. */
export const optionalOrEmpty = (description: string, maximum: number = LENGTH) =>
  field(description, optionalValue(maximum), toTextIfPresent)

/** Optional names: separated by commas, or a JSON list. An empty text counts as missing. */
export const nameList = (description: string, maximum: number = LENGTH) =>
  field(description, namesValue(maximum), toNames)

/** A column to filter by that nothing is known of. Empty or of `*` alone it does not filter; another text is refused,
 *  because the list would show more than was asked for. */
export const unfiltered = (description: string) =>
  withDescription(description, z.nullish(z.string().check(z.regex(/^\**$/, 'Nod cannot filter by it'))))

/** A boolean. Missing is false. */
export const flag = (description: string) => field(description, optionalValue(LENGTH), toFlag)

/** Optional texts by name: a JSON object. Missing is an empty object. */
export const textMap = (description: string) => {
  const error = 'expected an object of texts'
  const form = z.nullish(z.record(z.string(), z.string(error).check(z.maxLength(LENGTH, error)), error))
  return field(
    description,
    form,
    z.transform((value) => value ?? {}),
  )
}

/** Parses the parameters by the schema.
 *  Refuses: for the first field at fault, `parameter_missing` if it is absent, null or empty, else `parameter_invalid`. */
export function parseParameters<Schema extends z.ZodMiniType>(
  schema: Schema,
  params: Parameters,
): Outcome<z.output<Schema>> {
  const result = schema.safeParse(params)
  if (result.success) return done(result.data)
  const issue = result.error.issues[0]
  const name = String(issue?.path[0] ?? '')
  const value = params[name]
  if (!isPresent(value) || value === '') return refuse({ reason: 'parameter_missing', name })
  return refuse({ reason: 'parameter_invalid', name, why: issue?.message ?? 'not acceptable' })
}

/** A parser with the schemas of the requests it accepts, from which the API's description is generated. A request
 *  matches one of the schemas. */
export interface RequestParser<T> {
  (params: Parameters): Outcome<T>
  readonly schemas: Readonly<Record<string, z.ZodMiniObject>>
  /** Parameters that may be sent although they have no effect here; a name that ends in a dot stands for all that begin
   *  with it. */
  readonly ignored?: readonly string[]
}

/** The parser, for requests that may also have these parameters, which privacyIDEA reads and Nod does not. Not for
 *  restrictions: without them a request would do more than it says. */
export const ignoring = <T>(parser: RequestParser<T>, ...ignored: readonly string[]): RequestParser<T> =>
  Object.assign(parser.bind(undefined), { schemas: parser.schemas, ignored })

/** Accepts parameters of which the parser reads or ignores every one, so that a misspelled one is not taken for a
 *  parameter that was not sent. Refuses: `parameter_unknown`. */
export function checkNames<T>(params: Parameters, { schemas, ignored = [] }: RequestParser<T>): Outcome<void> {
  const known = new Set(Object.values(schemas).flatMap(({ shape }) => Object.keys(shape)))
  // Such a parser checks names itself.
  if (Object.values(schemas).some((schema) => schema._zod.def.catchall !== undefined)) return done(undefined)
  const isIgnored = (name: string) => ignored.some((one) => (one.endsWith('.') ? name.startsWith(one) : name === one))
  const name = Object.keys(params).find((one) => !known.has(one) && !isIgnored(one))
  if (name === undefined) return done(undefined)
  return refuse({ reason: 'parameter_unknown', name: name.slice(0, 64).toWellFormed(), nearest: nearest(name, known) })
}

/** Makes a parser of one schema. `judge` converts its fields or refuses them. The parser reads no other field. */
export function parserOf<Schema extends z.ZodMiniObject>(schema: Schema): RequestParser<z.output<Schema>>
export function parserOf<Schema extends z.ZodMiniObject, T>(
  schema: Schema,
  judge: (fields: z.output<Schema>) => Outcome<T>,
): RequestParser<T>
export function parserOf(
  schema: z.ZodMiniObject,
  judge: (fields: unknown) => Outcome<unknown> = done,
): RequestParser<unknown> {
  return parserOfVariants({ request: schema }, (params) => {
    const fields = parseParameters(schema, params)
    return fields.ok ? judge(fields.value) : fields
  })
}

/** Makes a parser that chooses one of several schemas by the fields that were sent. */
export const parserOfVariants = <T>(
  schemas: RequestParser<T>['schemas'],
  parse: (params: Parameters) => Outcome<T>,
): RequestParser<T> => Object.assign(parse.bind(undefined), { schemas })

/** Parses a request without parameters. */
export const parseNothing = parserOf(z.object({}))
