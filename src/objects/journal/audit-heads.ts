import { utf8 } from '../../bytes.ts'
import type { HeadDestination, SignedHead } from '../../ports/audit-heads.ts'
import type { Ports } from '../../ports/ports.ts'
import { dayName, startOfDay } from '../../timestamps.ts'
import type { Instant } from '../../vocabulary.ts'
import type { Round } from './rounds.ts'
import { valueOf } from './value-of.ts'

/** Signs a head of the audit each day (UTC) and sends it to the webhook and the archive, if there are any. A head that does not
 *  arrive is sent again in the next hour. */
export const signAuditHeads: Round = {
  name: 'sign audit heads',
  async step({ ports }) {
    const now = ports.now()
    const newest = valueOf(await ports.auditHeads.newest())
    if (newest === undefined || newest.at < startOfDay(now)) {
      const { at, jws, chains } = valueOf(await ports.auditHeads.sign())
      if (Object.keys(chains).length > 0) valueOf(await ports.auditHeads.store({ at, jws }))
    }
    const { headWebhook, auditArchive } = ports
    if (headWebhook !== undefined) await deliver(ports, 'webhook', ({ jws }) => headWebhook.send(jws))
    if (auditArchive !== undefined) {
      await deliver(ports, 'archive', async ({ at, jws }) => {
        const stored = await auditArchive.put(headKey(at), utf8(jws))
        return stored.ok ? undefined : stored.refusal.reason
      })
    }
    return 'done'
  },
}

/** `heads/2026/11/28/1792486800000.jws` */
const headKey = (at: Instant): string => `heads/${dayName(at).replaceAll('-', '/')}/${at}.jws`

/** Sends the heads that are not there yet, until one does not arrive. */
async function deliver(
  { auditHeads, log }: Ports,
  destination: HeadDestination,
  send: (head: SignedHead) => Promise<string | undefined>,
): Promise<void> {
  for (const head of valueOf(await auditHeads.undelivered(destination))) {
    const why = await send(head)
    if (why !== undefined) return log('audit_head_undelivered', { destination, at: head.at, why })
    valueOf(await auditHeads.markDelivered(head, destination))
  }
}
