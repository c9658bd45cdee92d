import { DurableObject, tracing } from 'cloudflare:workers'
import { connect } from '../connect.ts'
import type { ObjectOf, Verbs } from '../ports/object-verbs.ts'
import type { Ports } from '../ports/ports.ts'
import { tracer } from './trace.ts'

const trace = tracer(tracing)

interface Alarmed {
  alarm(): Promise<void>
}

/**
 * Makes the class that the runtime needs for a Durable Object: one method for each verb of the table, and the alarm. Each
 * hands its call to the object that `open` returns, once the object is open.
 */
export function durableObject<Table extends Verbs>(
  verbs: Table,
  open: (ctx: DurableObjectState, ports: Ports) => (ObjectOf<Table> & Alarmed) | Promise<ObjectOf<Table> & Alarmed>,
) {
  class Forwarder extends DurableObject<Env> {
    readonly #object = connect(this.env).then((ports) => open(this.ctx, ports))

    // RPC finds methods on the prototype only: a property of the instance is not callable from outside.
    static {
      for (const name of Object.keys(verbs))
        Object.defineProperty(this.prototype, name, {
          configurable: true,
          writable: true,
          value: async function (this: Forwarder, request: never) {
            trace.call(request)
            const object: ObjectOf<Verbs> = await this.#object
            return object[name]?.(request)
          },
        })
    }

    override async alarm(): Promise<void> {
      return (await this.#object).alarm()
    }
  }
  return Forwarder as unknown as new (
    ctx: DurableObjectState,
    env: Env,
  ) => DurableObject<Env> & ObjectOf<Table> & Alarmed
}
