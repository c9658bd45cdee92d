import { present } from '../present.ts'
import { recordRefusal } from '../operations/record-refusal.ts'
import type { Refusal } from '../refusal.ts'
import type { Asked } from './context.ts'

/** The refusal goes into the audit after the response has gone. */
export function note(
  c: Asked,
  action: string,
  { reason }: Refusal,
  about: {
    readonly user?: string | undefined
    readonly realm?: string | undefined
    readonly serial?: string | undefined
  } = {},
): void {
  const { user, realm, serial } = about
  const refused = {
    action,
    reason,
    ...present({ user, realm, serial }),
  }
  c.executionCtx.waitUntil(recordRefusal(c.var.ports, c.var.source, refused))
}
