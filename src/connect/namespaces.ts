import type { Jurisdiction } from '../vocabulary/jurisdictions.ts'

/** The namespaces of the Durable Objects. */
export type Namespaces = Pick<Env, 'TRANSACTIONS' | 'PHONE' | 'COUNTER' | 'JOURNAL'>

/**
 * Returns the namespaces inside the jurisdiction; without one, the bindings themselves. An object is found through these and nowhere
 * else: under the same name the binding has another object, which may be anywhere. Throws where the runtime has no jurisdictions, as
 * on a machine of one's own.
 */
export function namespacesIn(env: Namespaces, jurisdiction: Jurisdiction | undefined): Namespaces {
  if (jurisdiction === undefined) return env
  return {
    TRANSACTIONS: env.TRANSACTIONS.jurisdiction(jurisdiction),
    PHONE: env.PHONE.jurisdiction(jurisdiction),
    COUNTER: env.COUNTER.jurisdiction(jurisdiction),
    JOURNAL: env.JOURNAL.jurisdiction(jurisdiction),
  }
}
