import { present } from '../present.ts'
import { recordPass, recordRefusal } from '../operations/record-refusal.ts'
import type { Refusal } from '../refusal.ts'
import type { Asked } from './context.ts'

interface About {
  readonly user?: string | undefined
  readonly realm?: string | undefined
  readonly serial?: string | undefined
}

/** The refusal goes into the audit after the response has gone. */
export function note(c: Asked, action: string, { reason }: Refusal, about: About = {}): void {
  const { user, realm, serial } = about
  const refused = {
    action,
    reason,
    ...present({ user, realm, serial }),
  }
  c.executionCtx.waitUntil(recordRefusal(c.var.ports, c.var.source, refused))
}

/** So does a login that passed without a token, by the policy that let it. */
export function notePass(c: Asked, action: string, policy: string, { user, realm }: About): void {
  c.executionCtx.waitUntil(recordPass(c.var.ports, c.var.source, { action, policy, ...present({ user, realm }) }))
}
