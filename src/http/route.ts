/**
 * Every route is declared: what it does, who may call it, what it reads and what it answers stand beside its handler,
 * and the handler is given what its reader made of the request, and nothing else of it. `/openapi.json` and `/docs` are
 * made of these declarations. To add one:
 *
 *     methods(token, '/token/enable/:serial', {
 *       POST: administered(
 *         {
 *           summary: 'Let a token be used again',
 *           who: 'helpdesk',                        // enforced by the operation; test/roles.test.ts compares the two
 *           reads: parseSerial,                     // a `Reader`, made by `reading(schema, judge)` in protocol/
 *           value: integer('How many tokens changed'), // `result.value`; beside it `detail`, where there is one
 *         },
 *         async (c, credential, serial) => replied(c, await enable(c.var.ports, credential, serial), () => 1),
 *       ),
 *     })
 *
 * A part `:name` of the path is a field `name` of the reader's schema. The statuses that follow from all this need not
 * be named; others go into `refuses`. `example` shows a call where the required fields alone make none.
 */
import type { RequestParser } from '../protocol/parameters.ts'
import type { Shape } from '../protocol/shape.ts'
import type { Outcome } from '../refusal.ts'
import type { HttpContext } from './context.ts'
import { readParameters } from './parameters.ts'
import type { Status } from './wire-form.ts'
import { sendRefusal } from './respond.ts'
import type { Router } from './router.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
export type Method = (typeof METHODS)[number]

/** `anyone`: no credential is looked at. `check`: anonymous where the configuration allows it. `trigger`: a service key,
 *  or an administrator. `timeline`: whoever has a credential, a service for its own logins. `oneself`: an
 *  administrator of any role, about themselves. `self`: a user about their own tokens, or the helpdesk about everybody's. */
export type Access = 'anyone' | 'check' | 'trigger' | 'timeline' | 'self' | 'helpdesk' | 'admin' | 'oneself'

/** What is said of a route. */
export interface RouteDescription<T> {
  readonly summary: string
  readonly description?: string
  readonly who: Access
  readonly reads: RequestParser<T>
  /** Headers that count, and for what. */
  readonly headers?: Readonly<Record<string, string>>
  /** What `result.value` is, in the envelope of `protocol/envelope.ts`. */
  readonly value?: Shape
  readonly detail?: Shape
  /** The answer in place of an envelope, or where there is a `value` as well beside it: its content by media type. */
  readonly body?: Readonly<Record<string, Shape>>
  /** Answers without a body, by status. */
  readonly bare?: Readonly<Record<number, string>>
  readonly refuses?: readonly Status[]
  readonly example?: Readonly<Record<string, string>>
}

/** A handler that says what it is. */
export interface Route {
  (c: HttpContext): Response | Promise<Response>
  readonly about: RouteDescription<unknown>
}

/** A route whose handler decides when the request is read, and whether at all. */
export function route<T>(
  about: RouteDescription<T>,
  handler: (c: HttpContext, asked: () => Promise<Outcome<T>>) => Response | Promise<Response>,
): Route {
  const asked = async (c: HttpContext) => {
    const params = await readParameters(c)
    return params.ok ? about.reads(params.value) : params
  }
  return Object.assign((c: HttpContext) => handler(c, () => asked(c)), { about })
}

/** A route and where it is registered. */
export interface RegisteredRoute {
  readonly method: string
  /** With `:name` parts. */
  readonly path: string
  readonly handler: Route
}

/** The routes of these rooms, in their order. */
export const registeredRoutes = (rooms: readonly Router[]): readonly RegisteredRoute[] =>
  rooms.flatMap(({ routes }) =>
    routes.flatMap(({ method, path, handler }) => (isRoute(handler) ? [{ method, path, handler }] : [])),
  )

const isRoute = (handler: unknown): handler is Route => typeof handler === 'function' && 'about' in handler

/** A path and what each method does there; any other method is refused, naming those there are. `renamed`: methods that call
 *  a part of the path otherwise, since they read a field of its name elsewhere; by that path. */
export function addRoutes(
  app: Router,
  path: string,
  routes: Readonly<Partial<Record<Method, Route>>>,
  renamed: Readonly<Partial<Record<Method, readonly [string, Route]>>> = {},
): void {
  for (const [method, handler] of Object.entries(routes)) app.on(method, path, handler)
  for (const [method, [other, handler]] of Object.entries(renamed)) app.on(method, other, handler)
  const allowed = METHODS.filter((method) => method in routes || method in renamed)
  app.all(path, (c) => sendRefusal(c, { reason: 'method_not_allowed', allowed }))
}
