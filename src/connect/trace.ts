/** Nod's own steps in the platform's traces. Source: decision 0068. */
import type { Delivery } from '../ports/delivery.ts'
import type { Identifiers } from '../ports/identifiers.ts'
import type { Pins } from '../ports/pins.ts'
import type { Signing } from '../ports/ports.ts'
import type { Trace } from '../ports/trace.ts'
import { transactionsIn } from './transactions-in.ts'

/** The login that a span is about. A phone's poll names all of the phone's logins, separated by spaces. */
const LOGIN = 'nod.transaction_id'
const REFUSAL = 'nod.refusal'

type Attributes = Record<string, string | undefined>

interface Span {
  readonly isTraced: boolean
  setAttributes(attributes: Attributes): unknown
}

/** As `tracing` of cloudflare:workers. */
interface Platform {
  getActiveSpan(): Span | undefined
  enterSpan<T>(name: string, work: (span: Span) => T): T
}

interface Tracer extends Trace {
  /** Says which logins a call of an object is about. */
  call(request: unknown): void
}

/** Adds Nod's steps to the platform's traces. A request that is not traced pays only for asking whether it is: entering a span costs ten
 *  times as much, even if nobody records it. */
export function tracer(platform: Platform): Tracer {
  const active = (): Span | undefined => {
    const span = platform.getActiveSpan()
    return span?.isTraced === true ? span : undefined
  }
  return {
    step(name, work, transaction) {
      if (active() === undefined) return work()
      return platform.enterSpan(name, async (span) => {
        if (transaction !== undefined) span.setAttributes({ [LOGIN]: transaction })
        const result = await work()
        const refused = refusalIn(result)
        if (refused !== undefined) span.setAttributes({ [REFUSAL]: refused })
        return result
      })
    },
    request(route, refusal) {
      const span = active()
      if (span !== undefined) span.setAttributes({ 'http.route': route(), [REFUSAL]: refusal })
    },
    login(transaction) {
      active()?.setAttributes({ [LOGIN]: transaction })
    },
    call(request) {
      const span = active()
      const found = span === undefined ? [] : transactionsIn(request)
      if (found.length > 0) span?.setAttributes({ [LOGIN]: found.join(' ') })
    },
  }
}

function refusalIn(result: unknown): string | undefined {
  const { ok, refusal } = (result ?? {}) as { readonly ok?: unknown; readonly refusal?: { readonly reason?: string } }
  return ok === false ? refusal?.reason : undefined
}

type TracedPorts = Readonly<{ identifiers: Identifiers; signing: Signing; pins: Pins; delivery: Delivery }>

/** Returns the same ports, whose work appears in traces. */
export const traced = (trace: Trace, { identifiers, signing, pins, delivery }: TracedPorts): TracedPorts => ({
  identifiers: {
    ...identifiers,
    async draw(shard, seed) {
      const id = await identifiers.draw(shard, seed)
      trace.login(id)
      return id
    },
    async locate(text) {
      const found = await identifiers.locate(text)
      if (found !== undefined) trace.login(found.id)
      return found
    },
    async transactionOf(nonce) {
      const found = await identifiers.transactionOf(nonce)
      if (found !== undefined) trace.login(found.id)
      return found
    },
  },
  signing: { ...signing, sign: (...request) => trace.step('prompt.sign', () => signing.sign(...request)) },
  pins: { ...pins, matches: (opened, pin) => trace.step('pin.compare', () => pins.matches(opened, pin)) },
  delivery: {
    ...delivery,
    deliver: (message) => trace.step('push.deliver', () => delivery.deliver(message), message.transaction),
  },
})
