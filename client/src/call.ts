import type { CallOptions, Nod, NodRequest } from './connection.ts'
import { type Envelope, readBlob, readEnvelope, readJson } from './envelope.ts'
import type { Operations } from './generated/operations.ts'
import { done, failed, mapped, type Outcome, type Refused } from './outcome.ts'

/** Routes that are not called: the same as `POST` is, and a PIN is never in an address. */
type Unused = 'GET /validate/check' | 'GET /validate/radiuscheck' | 'GET /validate/triggerchallenge'

/** An operation of Nod: `'GET /token'`. */
export type Route = Exclude<keyof Operations, Unused>
/** Those of the routes whose answers have this part. */
type With<Part extends string> = {
  [R in Route]: Operations[R] extends Readonly<Record<Part, unknown>> ? R : never
}[Route]

/** The parameters of an operation, whether they are in the path, the query or the body. */
export type ParametersOf<R extends Route> = Operations[R]['parameters']
/** `result.value` of an operation. */
export type ValueOf<R extends With<'value'>> = Operations[R]['value']
/** `detail` of an operation. */
export type DetailOf<R extends With<'detail'>> = Operations[R]['detail']

/** The answer of an operation in Nod's frame. */
export interface AnswerOf<R extends With<'value'>> extends Pick<Envelope, 'authentication' | 'retryAfter'> {
  readonly value: ValueOf<R>
  readonly detail: Operations[R] extends { readonly detail: infer Detail } ? Detail : Envelope['detail']
}

/** Options of a single operation. */
export interface OperationOptions extends CallOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** Calls an operation and returns its value: `call(nod, 'POST /token/enable/{serial}', { serial })`. Parameters that are undefined or
 *  null are left out. Reads are repeated if the connection fails. */
export async function call<R extends With<'value'>>(
  nod: Nod,
  route: R,
  ...[parameters, options]: Arguments<R>
): Promise<Outcome<ValueOf<R>>> {
  return mapped(await send(nod, route, parameters, options, readEnvelope), ({ value }) => value as ValueOf<R>)
}

/** As `call`, with the detail of the answer. */
export async function exchange<R extends With<'value'>>(
  nod: Nod,
  route: R,
  ...[parameters, options]: Arguments<R>
): Promise<Outcome<AnswerOf<R>>> {
  return (await send(nod, route, parameters, options, readEnvelope)) as Outcome<AnswerOf<R>>
}

/** As `call`, for operations whose answer is a file: CSV, a policy export. */
export function download<R extends With<'text'>>(
  nod: Nod,
  route: R,
  ...[parameters, options]: Arguments<R>
): Promise<Outcome<Blob>> {
  return send(nod, route, parameters, options, readBlob)
}

/** As `download`, for a table with several pages. `next`: the cursor of the page after this one. */
export const downloadPage = <R extends With<'text'>>(
  nod: Nod,
  route: R,
  ...[parameters, options]: Arguments<R>
): Promise<Outcome<{ readonly content: Blob; readonly next: string | undefined }>> =>
  send(nod, route, parameters, options, async (response) =>
    mapped(await readBlob(response), (content) => ({
      content,
      next: response.headers.get('Nod-Next') ?? undefined,
    })),
  )

/** As `call`, for operations whose answer is JSON without Nod's frame. */
export async function read<R extends With<'json'>>(
  nod: Nod,
  route: R,
  ...[parameters, options]: Arguments<R>
): Promise<Outcome<Operations[R]['json']>> {
  return (await send(nod, route, parameters, options, readJson)) as Outcome<Operations[R]['json']>
}

/** The parameters of an operation, and options; both may be left out where no parameter is required. */
type Arguments<R extends Route> =
  Record<string, never> extends ParametersOf<R>
    ? [parameters?: ParametersOf<R>, options?: OperationOptions]
    : [parameters: ParametersOf<R>, options?: OperationOptions]

async function send<T>(
  nod: Nod,
  route: string,
  parameters: Readonly<Record<string, unknown>> | undefined,
  options: OperationOptions | undefined,
  reader: (response: Response) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  const request = requestOf(route, parameters, options)
  return request.ok ? nod.send(request.value, reader) : request
}

/** The request of a route: path parameters in the path, the others in the query of a read or deletion, else in a JSON body. */
export function requestOf(
  route: string,
  parameters: Readonly<Record<string, unknown>> = {},
  { headers, ...options }: OperationOptions = {},
): Outcome<NodRequest> {
  const [method = '', template = ''] = route.split(' ')
  const rest = new Map(Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null))
  let unfit: string | undefined
  const path = template.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) => {
    // Where the body has a parameter of the same name, the braces belong to that of the path.
    const key = rest.has(placeholder) ? placeholder : name
    const value = rest.get(key)
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
    rest.delete(key)
    // Each of these would make it the address of another route.
    if (/^\.{0,2}$/.test(text)) unfit = name
    return encodeURIComponent(text)
  })
  if (unfit !== undefined) return failed(unfitParameter(unfit))
  const isInQuery = method === 'GET' || method === 'DELETE'
  const query = isInQuery ? new URLSearchParams([...rest].map(([name, value]) => [name, String(value)])).toString() : ''
  return done({
    method,
    path: query === '' ? path : `${path}?${query}`,
    ...(isInQuery || rest.size === 0 ? {} : { json: Object.fromEntries(rest) }),
    headers,
    isRepeatable: method === 'GET' || headers?.['Idempotency-Key'] !== undefined,
    ...options,
  })
}

const unfitParameter = (field: string): Refused => {
  const message = `Invalid parameter ${field}: it is part of the address, and empty or dots`
  return { kind: 'refused', status: 400, code: 905, reason: 'parameter', field, message }
}
