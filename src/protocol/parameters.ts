import * as z from 'zod/mini'
import type { Outcome } from '../refusal.ts'
import { done, refuse } from '../refusal.ts'

/** What a caller sent, in one flat map. Values are text, except those of a JSON body. */
export type Parameters = Readonly<Record<string, unknown>>

/** The fields of a form body; of a repeated name the last counts. Never throws: what is no valid escape stays as it is. */
export function parseForm(text: string): Parameters {
  // URLSearchParams drops one leading question mark; giving it one keeps a field's name whole
  return Object.fromEntries(new URLSearchParams(`?${text}`))
}

/** The fields of a query, with or without its question mark; of a repeated name the last counts. */
export function parseQuery(search: string): Parameters {
  return Object.fromEntries(new URLSearchParams(search))
}

/** The one map an operation's parser reads: query over form, JSON over both, what the path names over all.
 *  Source: docs/protocol.md, "Parameters". */
export function mergeParameters(sources: {
  readonly form?: Parameters | undefined
  readonly query?: Parameters | undefined
  readonly json?: Parameters | undefined
  readonly path?: Parameters | undefined
}): Parameters {
  return { ...sources.form, ...sources.query, ...sources.json, ...sources.path }
}

/** Clients that percent-encode twice, or encode some values themselves, and expect the server to undo it. */
const DOUBLE_ENCODERS: ReadonlySet<string> = new Set(['privacyidea-keycloak', 'entraid-via-keycloak', 'freeradius'])

/** The text values with percent escapes undone once more, if the caller is known to write them twice.
 *  Give it what came by form, query or path, never JSON. A `+` stays, and so does what is no valid escape.
 *  privacyIDEA decodes again for nearly everyone, which damages a PIN such as `50%41`. Source: docs/protocol.md, "Parameters" and "Hardenings". */
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

/** Whether a value is one of privacyIDEA's spellings of true; everything else is false. Source: docs/protocol.md, "Parameters". */
export const isTrue = (value: unknown): boolean =>
  value === 1 || value === true || value === '1' || value === 'true' || value === 'True' || value === 'TRUE'

/** Whether a caller sent this at all; an empty text was sent, a JSON null was not. */
export const isPresent = <T>(value: T): value is T & {} => value !== undefined && value !== null

/** Whether a path can end in this name: `.` and `..` are steps in one, encoded or not, so nothing called so could be taken
 *  back. */
export const isPathSegment = (name: string): boolean => name !== '.' && name !== '..'

const LENGTH = 2_000

/** One value of a form, or its like in JSON. */
type Value = string | number | boolean

function oneValue(minimum: number, maximum: number) {
  const error = `expected text of at most ${maximum} characters`
  const atMost = z.string().check(z.maxLength(maximum, error))
  const text = minimum === 0 ? atMost : atMost.check(z.minLength(minimum, error))
  return z.union([text, z.number(), z.boolean()], { error })
}

/** Lone surrogates, which only JSON can bring, become U+FFFD: they have no UTF-8, so no signature and no canonical
 *  form. */
const asText = (value: Value): string => String(value).toWellFormed()

/** The schema, which says of itself in the API's description what it is for. */
export function withDescription<Schema extends z.ZodMiniType>(description: string, schema: Schema): Schema {
  z.globalRegistry.add(schema, { description })
  return schema
}

const field = <From, To>(description: string, form: z.ZodMiniType<From>, to: (value: From) => To) =>
  withDescription(description, z.pipe(form, z.transform(to)))

/** A text that must be there and not be empty; numbers and booleans of JSON become text. */
export const required = (description: string, maximum: number = LENGTH) =>
  field(description, oneValue(1, maximum), asText)

/** A text that must be there, and may be empty. */
export const requiredOrEmpty = (description: string, maximum: number = LENGTH) =>
  field(description, oneValue(0, maximum), asText)

/** A text that may be missing; an empty one counts as missing. */
export const optional = (description: string, maximum: number = LENGTH) =>
  field(description, z.nullish(oneValue(0, maximum)), (value) =>
    isPresent(value) && value !== '' ? asText(value) : undefined,
  )

/** A text that may be missing, where an empty one is something else than none. */
export const optionalOrEmpty = (description: string, maximum: number = LENGTH) =>
  field(description, z.nullish(oneValue(0, maximum)), (value) => (isPresent(value) ? asText(value) : undefined))

/** Names separated by commas, or a list of them in JSON; missing is `undefined`, and so is an empty text. */
export const nameList = (description: string, maximum: number = LENGTH) => {
  const error = 'expected names, separated by commas or in a list'
  const text = z.string().check(z.maxLength(maximum, error))
  const names = z.array(text).check(z.maxLength(maximum, error))
  return field(description, z.nullish(z.union([text, names], { error })), (value) => {
    if (!isPresent(value) || value === '') return undefined
    const given = typeof value === 'string' ? value.split(',') : value
    return given.map((name) => name.trim().toWellFormed()).filter((name) => name !== '')
  })
}

/** A yes or no; missing is no. */
export const flag = (description: string) => field(description, z.nullish(oneValue(0, LENGTH)), isTrue)

/** Texts by name, as JSON has them; missing is none. */
export const textMap = (description: string) => {
  const error = 'expected an object of texts'
  const form = z.nullish(z.record(z.string(), z.string(error).check(z.maxLength(LENGTH, error)), error))
  return field(description, form, (value) => value ?? {})
}

/** The parameters as the schema says.
 *  Refuses by the first field at fault: `parameter_missing` if it is absent, null or empty, else `parameter_invalid`. */
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

/** A parser, and the fields it reads: the API's description is made of them. A request has one of the schemas. */
export interface RequestParser<T> {
  (params: Parameters): Outcome<T>
  readonly schemas: Readonly<Record<string, z.ZodMiniObject>>
}

/** A parser that reads this schema and nothing else: `judge` says what its fields come to, or why they will not do. */
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

/** A parser that picks one of the schemas by what was sent. */
export const parserOfVariants = <T>(
  schemas: RequestParser<T>['schemas'],
  parse: (params: Parameters) => Outcome<T>,
): RequestParser<T> => Object.assign(parse.bind(undefined), { schemas })

/** Nothing is read, whatever was sent. */
export const parseNothing = parserOf(z.object({}))
