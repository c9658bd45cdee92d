/**
 * A route is one method of one path: a handler and its description. `/openapi.json` and `/docs` are generated from the
 * descriptions. The parser reads the request, and the handler gets only the parser's result. To add a route:
 *
 *     addRoutes(tokenRoutes, '/token/enable/:serial', {
 *       POST: protectedRoute(
 *         {
 *           summary: 'Enable a token',
 *           access: 'helpdesk',                       // the operation enforces it; test/roles.test.ts compares the two
 *           parser: parseSerial,                      // a `RequestParser` of protocol/, made by `parserOf(schema, judge)`
 *           value: integer('Number of tokens changed'), // `result.value`; `detail` describes the envelope's detail
 *         },
 *         async (c, credential, serial) => sendOutcome(c, await enable(c.var.ports, credential, serial), () => 1),
 *       ),
 *     })
 *
 * A path segment `:name` is the field `name` of the parser's schema. Statuses that follow from the method, the access
 * and the fields are derived; list others in `refuses`. `example` adds to the required fields in the example call.
 */
import { checkNames, type RequestParser } from '../protocol/parameters.ts'
import type { Shape } from '../protocol/shape.ts'
import type { Outcome } from '../refusal.ts'
import type { HttpContext } from './context.ts'
import { readParameters } from './parameters.ts'
import type { Status } from './wire-form.ts'
import { sendRefusal } from './send.ts'
import type { Router } from './router.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
export type Method = (typeof METHODS)[number]

/** Who may call a route.
 *  - `anyone`: without a credential; one that is sent is ignored.
 *  - `check`: services and administrators; anyone if ANONYMOUS_CHECK allows it.
 *  - `trigger`: services and administrators.
 *  - `timeline`: helpdesk and administrators; services for logins they opened.
 *  - `self`: administrators of any role; users for their own tokens.
 *  - `helpdesk`, `admin`: administrators of that role or a higher one.
 *  - `metrics`: services that read metrics, and administrators.
 *  - `oneself`: administrators of any role, for their own account.
 *  - `session`: holders of an API token, administrators and users, about that API token. */
export type Access =
  | 'anyone'
  | 'check'
  | 'trigger'
  | 'timeline'
  | 'self'
  | 'user'
  | 'helpdesk'
  | 'admin'
  | 'metrics'
  | 'oneself'
  | 'session'

/** The description of a route, from which its OpenAPI operation is generated. */
export interface RouteDescription<T> {
  readonly summary: string
  readonly description?: string
  readonly access: Access
  readonly parser: RequestParser<T>
  /** Request headers with a meaning, by name. */
  readonly headers?: Readonly<Record<string, string>>
  /** The schema of the envelope's `result.value`. */
  readonly value?: Shape
  /** The schema of the envelope's `detail`. */
  readonly detail?: Shape
  /** Responses without an envelope, by media type. With a `value`, the route answers either way. */
  readonly body?: Readonly<Record<string, Shape>>
  /** Responses without a body, by status. */
  readonly emptyResponses?: Readonly<Record<number, string>>
  /** Statuses of refusals, apart from those that are derived. */
  readonly refuses?: readonly Status[]
  readonly example?: Readonly<Record<string, string>>
}

/** A handler with its description. */
export interface Route {
  (c: HttpContext): Response | Promise<Response>
  readonly description: RouteDescription<unknown>
}

/** Makes a route whose handler decides when, and whether, to parse the request.
 *  @param unknown what becomes of parameters that the parser does not know. Plugins and phones send some of their own;
 *  an administrator who misspells one must not get what the request does without it. */
export function route<T>(
  description: RouteDescription<T>,
  handler: (c: HttpContext, parse: () => Promise<Outcome<T>>) => Response | Promise<Response>,
  unknown: 'ignored' | 'refused' = 'ignored',
): Route {
  const parse = async (c: HttpContext) => {
    const parameters = await readParameters(c)
    if (!parameters.ok) return parameters
    const known = unknown === 'refused' ? checkNames(parameters.value, description.parser) : parameters
    return known.ok ? description.parser(parameters.value) : known
  }
  return Object.assign((c: HttpContext) => handler(c, () => parse(c)), { description })
}

/** A route with its method and path. */
export interface RegisteredRoute {
  readonly method: string
  /** With segments such as `:name`. */
  readonly path: string
  readonly handler: Route
}

/** Lists the routes of these routers in the order of registration. */
export const registeredRoutes = (routers: readonly Router[]): readonly RegisteredRoute[] =>
  routers.flatMap(({ routes }) =>
    routes.flatMap(({ method, path, handler }) => (isRoute(handler) ? [{ method, path, handler }] : [])),
  )

const isRoute = (handler: unknown): handler is Route => typeof handler === 'function' && 'description' in handler

/** Registers the methods of a path; any other method is refused with `method_not_allowed`.
 *  @param renamed methods that use another name for a path segment, each with the path it uses. Needed where the
 *  method also reads a field of the segment's usual name. */
export function addRoutes(
  router: Router,
  path: string,
  routes: Readonly<Partial<Record<Method, Route>>>,
  renamed: Readonly<Partial<Record<Method, readonly [string, Route]>>> = {},
): void {
  for (const [method, handler] of Object.entries(routes)) router.on(method, path, handler)
  for (const [method, [otherPath, handler]] of Object.entries(renamed)) router.on(method, otherPath, handler)
  const allowed = METHODS.filter((method) => method in routes || method in renamed)
  router.all(path, (c) => sendRefusal(c, { reason: 'method_not_allowed', allowed }))
}
