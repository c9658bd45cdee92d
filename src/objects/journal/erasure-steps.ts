/** The steps of an erasure: what of a user is deleted or erased, store by store. Every step may be taken twice. */
import { sha256, utf8 } from '../../bytes.ts'
import type { AuditEntry, AuditKey, ErasableField, RawRow } from '../../ports/audit.ts'
import type { Ports } from '../../ports/ports.ts'
import { partOfKey } from '../../protocol/administration/audit-part.ts'
import { fullNamesOf, type TracedRecord, type TracedUser, userFieldsOf } from '../../rules/deployment/user-traces.ts'
import { userCounters, userDigestText } from '../../rules/deployment/user-counters.ts'
import { isSameOwner } from '../../rules/token/token.ts'
import { addSeconds, type Owner, seconds, type Serial } from '../../vocabulary.ts'
import type { ErasureJob } from './erasure-jobs.ts'
import { valueOf } from './value-of.ts'

const ACTION = 'POST /deployment/user-data/erase'
/** How many shards one step asks at once. */
const SHARDS_AT_ONCE = 8
/** How many serials of one user are remembered. */
const MAX_SERIALS = 1000
/** How long after the beginning of the first pass the second one begins. By then every login that was open is over and its
 *  record is stored. */
const SECOND_PASS_AFTER = seconds(1800)

/** Takes one step of the job and returns what is left; undefined when the erasure is over. Throws if a store does not answer. */
export async function stepErasure(ports: Ports, job: ErasureJob): Promise<ErasureJob | undefined> {
  switch (job.stage) {
    case 'tokens':
      return deleteTokens(ports, job)
    case 'user':
      valueOf(await ports.userData.erase(job.owner, entryOf(ports, job)))
      return { ...job, stage: 'objects' }
    case 'objects':
      await eraseCounters(ports, job.owner)
      return { ...job, stage: 'shards', shard: 0, missed: 0 }
    case 'shards':
      return eraseInShards(ports, job)
    case 'audit':
      return eraseInAudit(ports, job)
    case 'archive':
      return eraseInArchive(ports, job)
    case 'wait':
      return ports.now() < addSeconds(job.startedAt, SECOND_PASS_AFTER)
        ? job
        : { ...job, stage: 'shards', pass: job.pass + 1, shard: 0, missed: 0, record: undefined, key: undefined }
  }
}

/** Writes to the audit who has erased a user, and when, but not which user. */
const entryOf = ({ now }: Pick<Ports, 'now'>, { by, counts }: ErasureJob): AuditEntry => ({
  at: now(),
  action: ACTION,
  administrator: by,
  info: `${counts.tokens} tokens`,
  address: '',
})

/** Deletes a token at each step, as an administrator would: its open logins are withdrawn, and its phone's object is emptied. */
async function deleteTokens(ports: Ports, job: ErasureJob): Promise<ErasureJob> {
  const [serial] = valueOf(await ports.userData.serialsOf(job.owner))
  if (serial === undefined) return { ...job, stage: 'user' }
  const deleted = await deleteToken(ports, job, serial)
  const { counts } = job
  const tokens = counts.tokens + (deleted ? 1 : 0)
  return { ...job, serials: withSerial(job.serials, serial), counts: { ...counts, tokens } }
}

async function deleteToken(ports: Ports, job: ErasureJob, serial: Serial): Promise<boolean> {
  const remove = async (isUnused: boolean) =>
    valueOf(await ports.tokens.change(serial, { kind: 'deleted' }, entryOf(ports, job), isUnused))
  // A token that no phone has registered has no phone object.
  if (await remove(true)) return true
  const phone = ports.phones.of(serial)
  const mark = valueOf(await phone.beginChange())
  const deleted = await remove(false)
  await phone.endChange({ mark })
  return deleted
}

const withSerial = (serials: readonly string[], serial: string): readonly string[] =>
  serials.includes(serial) || serials.length >= MAX_SERIALS ? serials : [...serials, serial]

async function eraseCounters({ counters }: Pick<Ports, 'counters'>, owner: Owner): Promise<void> {
  for (const { counter, names } of userCounters(await sha256(utf8(userDigestText(owner)))))
    valueOf(await counters.of(counter).eraseNames({ names }))
}

async function eraseInShards({ transactions }: Pick<Ports, 'transactions'>, job: ErasureJob): Promise<ErasureJob> {
  const { owner, shard } = job
  const shards = transactions.shards()
  const asked = shards.slice(shard, shard + SHARDS_AT_ONCE)
  const left = await Promise.all(asked.map((one) => transactions.inShard(one).eraseUser({ owner })))
  const missed = job.missed + left.filter((outcome) => !outcome.ok || outcome.value > 0).length
  const next = shard + asked.length
  return next < shards.length ? { ...job, shard: next, missed } : { ...job, stage: 'audit', shard: 0, missed }
}

/** Erases a page of the audit. Serials of the user's records are remembered for records that name only the token. */
async function eraseInAudit(ports: Ports, job: ErasureJob): Promise<ErasureJob> {
  const page = valueOf(await ports.audit.traces(tracesOf(job), job.record))
  const found = page.rows.map((row) => ({ row, fields: userFieldsOf(row as unknown as TracedRecord, job) }))
  const serials = await serialsIn(
    ports,
    job,
    found.map(({ row, fields }) => (fields.includes('login') ? row['serial'] : null)),
  )
  let records = 0
  for (const [, group] of Map.groupBy(found, ({ fields }) => fields.join(','))) {
    const [first] = group
    if (first === undefined || first.fields.length === 0) continue
    records += valueOf(
      await ports.audit.erase(
        group.map(({ row }) => row as unknown as AuditKey),
        first.fields,
      ),
    )
  }
  const counts = { ...job.counts, records: job.counts.records + records }
  return { ...job, serials, counts, stage: page.last === undefined ? 'archive' : 'audit', record: page.last }
}

const tracesOf = ({ owner, serials }: TracedUser) => ({
  logins: [owner.login, ...fullNamesOf(owner)],
  serials,
  change: JSON.stringify(owner.login),
})

/** Adds serials of tokens that nobody else has by now. */
async function serialsIn(
  { tokens }: Pick<Ports, 'tokens'>,
  { owner, serials }: ErasureJob,
  found: readonly (RawRow[string] | undefined)[],
): Promise<readonly string[]> {
  let known = serials
  for (const serial of new Set(found)) {
    if (typeof serial !== 'string' || known.includes(serial)) continue
    const token = valueOf(await tokens.record(serial as Serial))
    if (token?.owner === undefined || isSameOwner(token.owner, owner)) known = withSerial(known, serial)
  }
  return known
}

/** Erases in the next object of the archive. One that is damaged must not keep the user in all others. */
async function eraseInArchive(ports: Ports, job: ErasureJob): Promise<ErasureJob | undefined> {
  const { auditArchive: archive, auditRetention } = ports
  const [key] = archive === undefined ? [] : valueOf(await archive.list('audit/', job.key))
  if (archive === undefined || key === undefined) return afterPass(ports, job)
  // If this stops behind writing the object, the manifest has to be told of it all the same.
  if (job.rewriting !== key) return { ...job, rewriting: key }
  let records = 0
  const rewritten = valueOf(
    await archive.rewrite(key, async (line) => {
      const changed = await withoutUser(ports, line, job)
      if (changed !== line) records += 1
      return changed
    }),
  )
  if (rewritten === 'damaged') return { ...job, key, rewriting: undefined, missed: job.missed + 1 }
  const part = partOfKey(key)
  const object = rewritten ?? (await objectAt(archive, key))
  if (part !== undefined && object !== undefined) valueOf(await auditRetention.replacePart(part, object))
  const { counts } = job
  return {
    ...job,
    key,
    rewriting: undefined,
    counts: { ...counts, records: counts.records + records, parts: counts.parts + (rewritten === undefined ? 0 : 1) },
  }
}

async function objectAt(archive: NonNullable<Ports['auditArchive']>, key: string) {
  const stream = valueOf(await archive.get(key))
  if (stream === undefined) return undefined
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
  return { bytes: bytes.length, sha256: await sha256(bytes) }
}

async function withoutUser({ audit }: Pick<Ports, 'audit'>, line: string, user: TracedUser): Promise<string> {
  const quoted = (text: string): boolean => line.includes(JSON.stringify(text).slice(1, -1))
  if (!quoted(user.owner.login) && !user.serials.some(quoted)) return line
  const read = JSON.parse(line) as { readonly record?: RawRow }
  if (read.record === undefined) return line
  const fields: readonly ErasableField[] = userFieldsOf(read.record as unknown as TracedRecord, user)
  if (fields.length === 0) return line
  return JSON.stringify({ ...read, record: await audit.withoutFields(read.record, fields) })
}

/** After the first pass the job waits for the second; after a second in which nothing was missed it is over. */
function afterPass({ now }: Pick<Ports, 'now'>, job: ErasureJob): ErasureJob | undefined {
  if (job.pass > 1 && job.missed === 0) return undefined
  return { ...job, stage: 'wait', ...(job.pass > 1 ? { startedAt: now() } : {}) }
}
