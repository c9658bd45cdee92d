import type { Ports } from '../../ports/ports.ts'
import { isSameOwner } from '../../rules/token/token.ts'
import { phonesToTell } from '../../rules/token/notice-policy.ts'
import type { Instant, Owner, Serial } from '../../vocabulary.ts'
import { importedKeyId } from '../../vocabulary/imports.ts'
import type { Token } from '../../vocabulary/tokens.ts'
import { tellPhones } from '../token/tell-phones.ts'

interface Added {
  readonly serial: Serial
  readonly owner?: Owner | undefined
  readonly state: Token['state']
  readonly active: boolean
}

/** Notifies users who have enrolled a phone here of tokens that an import has added for them, as of any new phone: "not me" revokes the
 *  token. Users whose phones were all imported get no notice, because they had these phones before. Never refuses. */
export async function announceImported(
  ports: Pick<Ports, 'phones' | 'log' | 'subjects' | 'deployment' | 'events'>,
  added: readonly Added[],
  { at, administrator }: { readonly at: Instant; readonly administrator: string },
): Promise<void> {
  const due = added.flatMap(({ owner, state, active }) => (owner && active && state === 'enrolled' ? [owner] : []))
  if (due.length === 0) return
  const found = await ports.subjects.find({ candidates: due })
  const snapshot = found.ok ? await ports.deployment.atRevision(found.value.settings.revision) : found
  if (!found.ok || !snapshot.ok)
    return ports.log('notice_not_kept', { notice: 'phone_bound', error: 'storage_unavailable' })
  const names = new Set(added.map(({ serial }) => serial))
  const own = phonesToTell(found.value.tokens.filter((one) => !isImported(one)))
  const isAdded = (one: Token): boolean => names.has(one.serial) && one.active && one.state === 'enrolled'
  for (const { serial, owner, revision } of found.value.tokens.filter(isAdded)) {
    const tokens = own.filter((one) => isSameOwner(one.owner, owner))
    if (owner === undefined || tokens.length === 0) continue
    const id = `new_phone:${serial}:${revision}`
    void ports.events.report({ type: 'new_phone', id, at, owner, serial, administrator, change: 'enrolled' })
    const subject = { kind: 'phone_bound', serial, binding: 'enrolled', revision } as const
    await tellPhones(ports, { owner, tokens, snapshot: snapshot.value }, { id, at, subject }, at)
  }
}

/** Whether its phone registered at the other server. */
const isImported = ({ serial, signingKey }: Token): boolean => signingKey === importedKeyId(serial)
