import type { Shape } from '../../protocol/shape.ts'
import { integer, object } from '../../protocol/shape.ts'
import type { Status } from '../wire-form.ts'
import type { RouteDescription } from '../route.ts'
import { responses } from './components.ts'
import type { Content, Operation } from './document.ts'

/** What a route answers, and how it refuses. */
export function responsesOf(
  method: string,
  about: RouteDescription<unknown>,
  fields: readonly string[],
  inPath: ReadonlySet<string>,
): Operation['responses'] {
  const { value, detail, body, bare, who, refuses = [] } = about
  const isRead = fields.length > 0
  const isOpen = who === 'anyone'
  const statuses: readonly (Status | false)[] = [
    (isRead || method !== 'GET') && 400,
    !isOpen && 401,
    // Policies may take from every role what it is for, but not one's own password.
    !isOpen && who !== 'oneself' && 403,
    ((inPath.size > 0 && method !== 'GET') || fields.some((field) => TOKENS.has(field))) && 404,
    405,
    method !== 'GET' && 413,
    500,
    (isRead || !isOpen) && 503,
    ...refuses,
  ]
  const refusals = statuses.filter((status) => status !== false)
  const isBare = bare !== undefined && body === undefined
  const refusal = (status: Status) =>
    isBare && BARE.has(status)
      ? { description: responses[status]?.description ?? '' }
      : { $ref: `#/components/responses/${status}` }
  return {
    ...Object.fromEntries(refusals.map((status) => [status, refusal(status)])),
    ...(isBare
      ? {}
      : {
          200: {
            description: 'Done',
            content: {
              ...(body === undefined || value !== undefined ? enveloped(value, detail) : {}),
              ...contentOf(body ?? {}),
            },
          },
        }),
    ...Object.fromEntries(Object.entries(bare ?? {}).map(([status, description]) => [status, { description }])),
  }
}

/** Fields that name a token, which may be unknown. */
const TOKENS: ReadonlySet<string> = new Set(['serial', 'serials', 'from'])

/** Where an answer has no body, a refusal has none either, but for those that come before the route is known. */
const BARE: ReadonlySet<Status> = new Set<Status>([400, 401, 403, 404, 503])

function enveloped(value: Shape = {}, detail?: Shape): Content {
  const result = object({ value })
  const own = { type: 'object', properties: { result, ...(detail === undefined ? {} : { detail: threaded(detail) }) } }
  return contentOf({ 'application/json': { allOf: [{ $ref: '#/components/schemas/Success' }, own] } })
}

/** Java's client wants it in every detail. */
const threaded = ({ properties, ...detail }: Shape): Shape => ({
  ...detail,
  properties: { ...properties, threadid: integer('1') },
})

const contentOf = (body: Readonly<Record<string, Shape>>): Content =>
  Object.fromEntries(Object.entries(body).map(([type, schema]) => [type, { schema }]))
