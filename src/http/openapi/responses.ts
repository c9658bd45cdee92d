import { integer, object, type Shape } from '../../protocol/shape.ts'
import type { Status } from '../wire-form.ts'
import type { RouteDescription } from '../route.ts'
import { responses } from './components.ts'
import type { Content, Operation } from './operation-types.ts'

/** The responses of a route. Statuses of refusals follow from its method, access, fields and path. */
export function responsesOf(
  method: string,
  description: RouteDescription<unknown>,
  fields: readonly string[],
  inPath: ReadonlySet<string>,
): Operation['responses'] {
  const { value, detail, body, emptyResponses, access, refuses = [] } = description
  const hasFields = fields.length > 0
  const isPublic = access === 'anyone'
  const statuses: readonly (Status | false)[] = [
    (hasFields || method !== 'GET') && 400,
    !isPublic && 401,
    // Policies can take any right from a role, except to change one's own password.
    !isPublic && access !== 'oneself' && access !== 'session' && 403,
    ((inPath.size > 0 && method !== 'GET') || fields.some((field) => TOKEN_FIELDS.has(field))) && 404,
    405,
    method !== 'GET' && 413,
    (hasFields || !isPublic) && 429,
    500,
    (hasFields || !isPublic) && 503,
    ...refuses,
  ]
  const refusals = statuses.filter((status) => status !== false)
  const hasNoBody = emptyResponses !== undefined && body === undefined
  const refusal = (status: Status) =>
    hasNoBody && WITHOUT_BODY.has(status)
      ? { description: responses[status]?.description ?? '' }
      : { $ref: `#/components/responses/${status}` }
  return {
    ...Object.fromEntries(refusals.map((status) => [status, refusal(status)])),
    ...(hasNoBody
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
    ...Object.fromEntries(
      Object.entries(emptyResponses ?? {}).map(([status, text]) => [status, { description: text }]),
    ),
  }
}

/** Fields that name a token, which may not exist. */
const TOKEN_FIELDS: ReadonlySet<string> = new Set(['serial', 'serials', 'from'])

/** Statuses without a body on a route that answers without one. The others are sent before the route is known. */
const WITHOUT_BODY: ReadonlySet<Status> = new Set<Status>([400, 401, 403, 404, 429, 503])

function enveloped(value: Shape = {}, detail?: Shape): Content {
  const result = object({ value })
  const own = {
    type: 'object',
    properties: { result, ...(detail === undefined ? {} : { detail: withThreadId(detail) }) },
  }
  return contentOf({ 'application/json': { allOf: [{ $ref: '#/components/schemas/Success' }, own] } })
}

/** The Java client requires this field in every detail. */
const withThreadId = ({ properties, ...detail }: Shape): Shape => ({
  ...detail,
  properties: { ...properties, threadid: integer('1') },
})

const contentOf = (body: Readonly<Record<string, Shape>>): Content =>
  Object.fromEntries(Object.entries(body).map(([type, schema]) => [type, { schema }]))
