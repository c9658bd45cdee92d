/** Imports policies and settings, or says what would change. */
import { z } from 'zod'
import { readReply } from '../../../test/simulation/reply.ts'
import { Fault } from '../../lib/tools.mjs'
import type { NodClient } from '../client.ts'
import { printable } from '../printable.ts'
import type { SourceServer } from './plan.ts'

const detailSchema = z.object({
  policies: z.array(z.string()),
  left_out: z.array(z.object({ policy: z.string(), action: z.string().optional(), why: z.string() })),
})

type Policies = Pick<SourceServer, 'policies' | 'defaultRealm' | 'usedRealms'>

/** Asks the deployment how it would import the policies, and prints a report. */
export async function reportPolicies(nod: NodClient, { policies: { entries }, usedRealms }: Policies): Promise<void> {
  if (entries.length === 0) return
  try {
    const { policies, left_out } = await sendPolicies(nod, entries, true)
    // These realms are made before the policies come.
    const isMade = (why: string): boolean => {
      const [, names] = /^Undefined User-realms: \['(.*?)'\]/.exec(why) ?? []
      return names !== undefined && names.split("', '").every((realm) => usedRealms.has(realm))
    }
    const omitted = left_out.filter(({ why }) => !isMade(why))
    const count = policies.length + left_out.length - omitted.length
    const rest = omitted.length === 0 ? '' : '; what has no counterpart here:'
    console.log(`\nPolicies that --policies takes over: ${count} of ${entries.length}${rest}`)
    for (const { policy, action, why } of omitted)
      console.log(printable(`  ${policy}${action === undefined ? '' : `, ${action}`}: ${why}`))
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    console.error(printable(`\nThe policies cannot be taken over: ${error.message}`))
  }
}

/** Imports policies, settings and the default realm. The realms exist already. */
export async function importPolicies(nod: NodClient, { policies, defaultRealm }: Policies): Promise<void> {
  const { entries, settings } = policies
  if (defaultRealm !== undefined) {
    await nod.post(`/realm/${encodeURIComponent(defaultRealm)}`)
    await nod.post(`/defaultrealm/${encodeURIComponent(defaultRealm)}`)
  }
  if (Object.keys(settings).length > 0) await nod.post('/system/setConfig', settings)
  if (entries.length === 0) return
  const { policies: names } = await sendPolicies(nod, entries, false)
  console.log(`${names.length} policies and ${Object.keys(settings).length} settings taken over`)
}

async function sendPolicies(nod: NodClient, entries: readonly unknown[], isDry: boolean) {
  const json = { file: JSON.stringify(entries), skip: true, dry_run: isDry }
  const reply = await readReply(await nod.fetch('POST', '/policy/import/moved', { json }))
  if (reply.status !== 200) throw new Fault(`POST /policy/import: ${reply.error?.message ?? `HTTP ${reply.status}`}`)
  return detailSchema.parse(reply.detail)
}
