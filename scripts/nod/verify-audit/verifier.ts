/** Verifies the audit: takes all links, then all records, and says what is proven and what is not. */
import {
  type HeadClaims,
  NUMBERED,
  positionOf,
  readLink,
  readRecord,
  type StoredLink,
  type StoredRecord,
} from './format.ts'

/** What must not be: a sign that somebody changed the audit, or that the database was put back. */
export interface Finding {
  readonly kind: 'changed' | 'missing' | 'inserted' | 'link' | 'cut' | 'rewritten' | 'restored'
  readonly shard: string
  readonly text: string
}

export interface Report {
  readonly findings: readonly Finding[]
  /** Records that are what they were when they were linked. */
  readonly proven: number
  /** From when to when they were linked: the least and greatest time of a linked record; undefined where there is none. */
  readonly from: number | undefined
  readonly until: number | undefined
  readonly chains: number
  /** Records that retention has deleted, as far as links still name them. */
  readonly deleted: number
  /** Records that no link names yet. */
  readonly unlinked: number
  /** Records from before their shard's chain. */
  readonly before: number
  /** How many proven records lack a field, by field. */
  readonly erased: Readonly<Record<string, number>>
  /** What else is not covered, in words. */
  readonly notes: readonly string[]
}

export interface Circumstances {
  readonly now: number
  /** Retention has deleted records before this time. */
  readonly deletedBefore: number
  /** How many records the shards that SQL writes have numbered. */
  readonly numbers: Readonly<Record<string, number>>
  /** A head that was kept elsewhere, and verified. */
  readonly head?: HeadClaims
}

const DAY_MS = 86_400_000
/** Records that SQL writes are linked within about an hour. One that is not linked after so long was kept from it. */
const LINKED_WITHIN_MS = DAY_MS
/** A head is signed when all links of before are there, but for those that are being stored and clocks that differ. */
const HEAD_SLACK_MS = 3_600_000
/** Versions without chains may run beside this one, and records of an erased user may arrive, for so long. */
const OVERLAP_MS = DAY_MS

/** The change that Nod records when it erases a user. */
const ERASURE = 'POST /deployment/user-data/erase'
/** Fields that only the erasure of a user erases. */
const OF_USERS: ReadonlySet<string> = new Set(['login', 'serial', 'info', 'change'])
/** Fields that retention may erase early as well. */
const SHORTENED = /^(?:address|user_agent|steps(?:\/\d+)?)$/

interface Expected {
  readonly hashes: string[]
  readonly link: StoredLink
  isFound: boolean
  isChanged: boolean
}

/** A record that no link names as it is. */
interface Stray extends Pick<StoredRecord, 'shard' | 'sequence' | 'number' | 'at'> {
  readonly hasSalt: boolean
  readonly hash: string | undefined
  readonly erased: readonly string[]
}

const timeOf = (at: number): string => new Date(at).toISOString()
const nameOf = ({ shard, sequence, at }: Stray): string => `${shard} ${sequence} (${timeOf(at)})`

/** Collects links and records, and compares them. */
export class AuditVerifier {
  readonly #links = new Map<string, Map<number, StoredLink>>()
  readonly #expected = new Map<string, Map<number, Expected>>()
  readonly #findings: Finding[] = []
  readonly #notes: string[] = []
  readonly #erased = new Map<string, number>()
  /** When the last user was erased, and the latest record that lacks what is erased of users. */
  #lastErasure = Number.NEGATIVE_INFINITY
  #lastOfErased = Number.NEGATIVE_INFINITY
  /** Links that were made while the records were read: their records need not be there. */
  readonly #late = new Set<StoredLink>()
  readonly #strays: Stray[] = []
  /** The links of each shard in order. */
  readonly #chains = new Map<string, readonly StoredLink[]>()

  /** Takes a link. A link may come twice, from the database and from the archive. */
  addLink(link: StoredLink, isLate = false): void {
    const { shard, number } = link
    const chain = this.#links.get(shard) ?? new Map<number, StoredLink>()
    this.#links.set(shard, chain)
    const known = chain.get(number)
    if (known !== undefined) {
      if (known.hash !== link.hash || known.records !== link.records)
        this.#find('link', shard, `link ${number} is not the same in two places`)
      return
    }
    chain.set(number, link)
    if (isLate) this.#late.add(link)
    const entries = readLink(link)
    if (entries === undefined) return this.#find('link', shard, `link ${number} was changed`)
    const expected = this.#expected.get(shard) ?? new Map<number, Expected>()
    this.#expected.set(shard, expected)
    for (const [position, hash] of entries) {
      const same = expected.get(position)
      if (same === undefined) expected.set(position, { hashes: [hash], link, isFound: false, isChanged: false })
      else same.hashes.push(hash)
    }
  }

  /** Takes a record, after all links but the late ones. */
  addRecord(record: StoredRecord): void {
    const { shard, sequence, number, at, salt } = record
    const hasSalt = salt !== null && salt !== undefined
    const { hash, erased } = hasSalt ? readRecord(record) : { hash: undefined, erased: [] }
    if (shard === 'catalogue' && record.action === ERASURE) this.#lastErasure = Math.max(this.#lastErasure, at)
    const seen = { shard, sequence, number, at, hasSalt, hash, erased }
    if (this.#isExpected(record, hash)) this.#judgeErased(seen)
    else this.#strays.push(seen)
  }

  /** Whoever can write to the database can erase as Nod does, and every hash stays right. But Nod erases no more than a user's data. */
  #judgeErased(record: Stray): void {
    for (const field of record.erased) {
      this.#erased.set(field, (this.#erased.get(field) ?? 0) + 1)
      if (OF_USERS.has(field)) this.#lastOfErased = Math.max(this.#lastOfErased, record.at)
      else if (!SHORTENED.test(field))
        this.#find('changed', record.shard, `${nameOf(record)} lacks its ${field}, which Nod never erases`)
    }
  }

  #isExpected(record: Pick<StoredRecord, 'shard' | 'sequence' | 'number'>, hash: string | undefined): boolean {
    const expected = this.#expected.get(record.shard)?.get(positionOf(record))
    if (expected === undefined || hash === undefined || !expected.hashes.includes(hash)) return false
    expected.isFound = true
    return true
  }

  #find(kind: Finding['kind'], shard: string, text: string): void {
    this.#findings.push({ kind, shard, text })
  }

  verify(circumstances: Circumstances): Report {
    for (const [shard, chain] of this.#links) this.#chains.set(shard, sorted(chain))
    for (const [shard, chain] of this.#chains) this.#verifyChain(shard, chain, circumstances)
    const [late, strays] = partition(this.#strays, (stray) => this.#isExpected(stray, stray.hash))
    for (const record of late) this.#judgeErased(record)
    if (this.#lastOfErased > this.#lastErasure + OVERLAP_MS) {
      const times = `a record of ${timeOf(this.#lastOfErased)}`
      this.#find('changed', 'catalogue', `${times} was erased, and no erasure of a user is recorded after it`)
    }
    let [unlinked, before, deleted, proven] = [0, 0, 0, 0]
    const waiting = new Map<string, number[]>()
    for (const stray of strays) {
      const what = this.#judge(stray, circumstances)
      if (what === 'before') before += 1
      if (what !== 'unlinked') continue
      unlinked += 1
      const numbers = waiting.get(stray.shard) ?? []
      waiting.set(stray.shard, numbers)
      numbers.push(positionOf(stray))
    }
    for (const shard of NUMBERED) this.#verifyNumbers(shard, waiting.get(shard) ?? [], circumstances)
    let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const [shard, expected] of this.#expected) {
      for (const [position, { link, isFound, isChanged }] of expected) {
        if (isFound) {
          proven += 1
          from = Math.min(from, link.oldest)
          until = Math.max(until, link.newest)
        } else if (!isChanged && !this.#late.has(link)) {
          if (link.oldest < circumstances.deletedBefore) deleted += 1
          else this.#find('missing', shard, `record ${position} of link ${link.number} (${timeOf(link.at)}) is missing`)
        }
      }
    }
    if (circumstances.head !== undefined) this.#verifyHead(circumstances.head, circumstances.deletedBefore)
    return {
      findings: this.#findings,
      proven,
      from: proven === 0 ? undefined : from,
      until: proven === 0 ? undefined : until,
      chains: this.#links.size,
      deleted,
      unlinked,
      before,
      erased: Object.fromEntries([...this.#erased].toSorted(([one], [other]) => (one < other ? -1 : 1))),
      notes: this.#notes,
    }
  }

  #verifyChain(shard: string, links: readonly StoredLink[], { head, deletedBefore }: Circumstances): void {
    let before: StoredLink | undefined
    for (const link of links) {
      const { number, previous } = link
      if (before === undefined) {
        const text = `begins with link ${number}: the links before it were deleted`
        if (number > 1 && deletedBefore <= 0)
          this.#find('missing', shard, `${text}, and retention has deleted nothing yet`)
        else if (number > 1) this.#notes.push(`${shard} ${text}`)
        else if (previous !== '') this.#find('link', shard, 'link 1 follows another')
      } else if (number !== before.number + 1) {
        this.#find('missing', shard, `the links ${before.number + 1} to ${number - 1} are missing`)
      } else if (previous !== before.hash) {
        this.#find(
          'link',
          shard,
          `link ${number} does not follow link ${before.number}: one of them was changed or moved`,
        )
      }
      if (NUMBERED.has(shard) && before?.number === number - 1 && link.first !== before.last + 1)
        this.#find('missing', shard, gap(before.last + 1, link.first - 1))
      if (link.lost != null) {
        const text = `link ${number} (${timeOf(link.at)}) says that a later link was lost (${link.lost.split('.')[0]}): the database was put back to an earlier state, or cut`
        // A head that was kept since then shows that the operator knew the audit as it has been since.
        if (head !== undefined && head.at > link.at) this.#notes.push(`${shard}: ${text}; the head was kept after that`)
        else this.#find('restored', shard, text)
      }
      if (NUMBERED.has(shard)) this.#verifyDense(shard, link)
      before = link
    }
  }

  /** The records of a link of a numbered shard follow each other. */
  #verifyDense(shard: string, link: StoredLink): void {
    if (link.last - link.first + 1 !== link.count && readLink(link) !== undefined)
      this.#find(
        'missing',
        shard,
        `link ${link.number}: of the numbers ${link.first} to ${link.last} only ${link.count} are there`,
      )
  }

  /** What a record is that no link names as it is. */
  #judge(record: Stray, { now }: Circumstances): 'before' | 'unlinked' | 'found' {
    const { shard, hasSalt } = record
    const position = positionOf(record)
    const expected = this.#expected.get(shard)?.get(position)
    if (expected !== undefined) {
      expected.isChanged = true
      this.#find('changed', shard, `${nameOf(record)} was changed after it was linked`)
      return 'found'
    }
    const [first, last] = this.#endsOf(shard)
    const isNumbered = NUMBERED.has(shard)
    const chained = first?.newest ?? this.#firstLinkedAt() + OVERLAP_MS
    if (!hasSalt && record.at <= chained && (first?.number ?? 1) === 1) {
      if (isNumbered ? record.number == null : first === undefined || position < first.first) return 'before'
    }
    if (isNumbered && record.number != null && position > (last?.last ?? 0)) {
      if (record.at > now - LINKED_WITHIN_MS) return 'unlinked'
      this.#find('inserted', shard, `${nameOf(record)} was not linked for more than a day`)
      return 'found'
    }
    this.#find(
      'inserted',
      shard,
      `${nameOf(record)} is in no link: somebody added it, or a version of Nod without chains`,
    )
    return 'found'
  }

  /** The numbers behind the last link have no gap, up to the last that was given. */
  #verifyNumbers(shard: string, waiting: readonly number[], { numbers }: Circumstances): void {
    const [, last] = this.#endsOf(shard)
    let next = (last?.last ?? 0) + 1
    for (const number of waiting.toSorted((one, other) => one - other)) {
      if (number > next) this.#find('missing', shard, gap(next, number - 1))
      next = number + 1
    }
    const given = numbers[shard]
    if (given !== undefined && given >= next) this.#find('missing', shard, gap(next, given))
  }

  /** When the first link of all chains was made: since then Nod proves its audit. */
  #firstLinkedAt(): number {
    const firsts = [...this.#chains.values()].flatMap(([first]) => (first === undefined ? [] : [first.at]))
    return firsts.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...firsts)
  }

  /** The first and the last link of a chain. */
  #endsOf(shard: string): readonly [StoredLink | undefined, StoredLink | undefined] {
    const chain = this.#chains.get(shard) ?? []
    return [chain[0], chain.at(-1)]
  }

  #verifyHead({ at, chains }: HeadClaims, deletedBefore: number): void {
    for (const [shard, links] of this.#chains) {
      // Nobody can put a link behind a head, or a chain beside it, and say that it is older.
      const added = links.find((link) => link.number > (chains[shard]?.number ?? 0) && link.at < at - HEAD_SLACK_MS)
      if (added !== undefined)
        this.#find(
          'inserted',
          shard,
          `link ${added.number} says ${timeOf(added.at)}, but ${headOf(at)} does not have it`,
        )
    }
    for (const [shard, { number, hash }] of Object.entries(chains)) {
      const [first, last] = this.#endsOf(shard)
      const link = this.#links.get(shard)?.get(number)
      if (link?.hash === hash) continue
      const kept = `${headOf(at)} names link ${number}`
      if (link !== undefined) this.#find('rewritten', shard, `link ${number} is another than ${kept}`)
      else if (first !== undefined && number < first.number) {
        // Links behind the head are younger than it, so retention has not come to them before it has come to the head. And the
        // next one names the hash that the head has.
        const follows = first.number === number + 1 ? first.previous === hash : at < deletedBefore
        if (follows) this.#notes.push(`${shard}: ${kept}, which was deleted since`)
        else this.#find('cut', shard, `the chain begins with link ${first.number}, which does not follow: ${kept}`)
      } else
        this.#find(
          'cut',
          shard,
          `${last === undefined ? 'the whole chain is gone' : `the chain ends with link ${last.number}`}, but ${kept}`,
        )
    }
  }
}

const headOf = (at: number): string => `the head of ${timeOf(at)}`

const partition = <T>(list: readonly T[], test: (one: T) => boolean): readonly [readonly T[], readonly T[]] => {
  const { yes = [], no = [] } = Object.groupBy(list, (one) => (test(one) ? 'yes' : 'no'))
  return [yes, no]
}

const sorted = (chain: ReadonlyMap<number, StoredLink>): readonly StoredLink[] =>
  [...chain.values()].toSorted((one, other) => one.number - other.number)

const gap = (from: number, to: number): string =>
  from === to ? `number ${from} is missing` : `the numbers ${from} to ${to} are missing`
