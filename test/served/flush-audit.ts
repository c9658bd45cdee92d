import type { Service } from '../simulation/service.ts'

/** More refusals of one kind than either of two shards keeps one by one, or else more than it keeps waiting. */
const ENOUGH = 240

/** All that waits for the next round is handed to the audit soon, without waiting two minutes for it. */
export async function flushAudit(service: Service): Promise<void> {
  const stranger = { user: 'nobody-at-all', pass: '' }
  await Promise.all(Array.from({ length: ENOUGH }, () => service.check(stranger)))
}
