/** Reads and checks everything that would be imported, before anything is sent. */
import type { KeyObject } from 'node:crypto'
import { resolve } from 'node:path'
import type { ImportSource } from '../../../src/vocabulary/imports.ts'
import { Fault } from '../../lib/tools.mjs'
import { openSource, type SourceDatabase, text } from './database.ts'
import { type EncKey, readEncKey } from './enckey.ts'
import { type People, readPeople } from './people.ts'
import { readPolicies, registrationUrls, type SourcePolicies } from './policies.ts'
import { countTypes, PUSH_TYPES, readRealms, readTokens } from './read.ts'
import { Progress, Tally } from './report.ts'
import { checkSchema } from './schema.ts'
import { type Plan, type PlannedToken, planToken, type SourceToken, type TokenFault } from './token.ts'

export interface PlanOptions {
  readonly db: string
  readonly enckey: string
  readonly schema: string | undefined
  readonly passwd: readonly string[]
  readonly users: string | undefined
  readonly realms: readonly string[]
  readonly registrationUrl: string | undefined
  readonly firebase: ReadonlyMap<string, string>
  readonly pins: 'upstream' | 'unset'
}

/** What the plan keeps of a token that can be imported. */
interface SoundToken {
  readonly digest: string
  readonly publicKey: KeyObject | undefined
  readonly firebase: string
}

/** The other server, after its tokens were read and checked. */
export interface SourceServer {
  readonly release: string
  readonly db: SourceDatabase
  readonly people: People
  readonly policies: SourcePolicies
  readonly defaultRealm: string | undefined
  readonly types: ReadonlyMap<string, number>
  readonly containers: number
  /** The Firebase configurations of the tokens, and how many have each. */
  readonly firebase: Tally
  readonly urls: Tally
  readonly pins: Tally
  readonly notes: Tally
  /** The realms that the tokens need. */
  readonly usedRealms: ReadonlySet<string>
  readonly sound: ReadonlyMap<string, SoundToken>
  readonly faults: readonly TokenFault[]
  /** Reads the tokens once more, a few hundred at a time, those that are sound. */
  tokens(): AsyncGenerator<readonly PlannedToken[]>
}

/** Reads what the plan of each token needs. `read` reads all push tokens, a few hundred at a time. */
export async function preparePlan(
  db: SourceDatabase,
  source: ImportSource,
  enckey: EncKey,
  options: Omit<PlanOptions, 'realms'>,
) {
  const { release, tables } = await checkSchema(db, source, options.schema)
  const { realms, standard } = await readRealms(db)
  const policies = await readPolicies(db)
  const people = await readPeople(db, enckey, {
    passwd: options.passwd,
    csv: options.users,
    hasUserCache: tables.has('usercache'),
  })
  const urlOf = registrationUrls(policies, Date.now())
  const plan: Plan = {
    enckey,
    people,
    registrationUrl: (type, owner) => options.registrationUrl ?? urlOf(type, owner),
    firebase: options.firebase,
    pins: options.pins,
    ttlMinutes: 10,
    now: Date.now(),
  }
  const hasContainers = tables.has('tokencontainer') && tables.has('tokencontainertoken')
  const read = () => readTokens(db, realms, hasContainers)
  return { release, realms, standard, policies, people, plan, hasContainers, read }
}

/** Reads and checks all push tokens. Throws a Fault for a database, an enckey or a file that is not what it should be. */
export async function lookThrough(source: ImportSource, options: PlanOptions): Promise<SourceServer> {
  const enckey = readEncKey(resolve(options.enckey))
  const db = await openSource(options.db)
  try {
    const { release, standard, policies, people, plan, hasContainers, read } = await preparePlan(
      db,
      source,
      enckey,
      options,
    )
    const types = await countTypes(db)
    const checked = await checkAll(read, plan, options.realms, countOf(types))
    expectFit(checked, options.enckey)
    const { sound } = checked
    return {
      release,
      db,
      people,
      policies,
      defaultRealm: standard,
      types,
      containers: hasContainers
        ? Number((await db.query('SELECT count(*) AS n FROM tokencontainer'))[0]?.['n'] ?? 0)
        : 0,
      ...checked,
      async *tokens() {
        for await (const page of read())
          yield page.flatMap((token) => {
            if (!sound.has(text(token.row['serial']))) return []
            const planned = planToken(token, plan)
            return 'why' in planned ? [] : [planned]
          })
      },
    }
  } catch (error) {
    await db.close()
    throw error
  }
}

const countOf = (types: ReadonlyMap<string, number>): number =>
  PUSH_TYPES.reduce((sum, type) => sum + (types.get(type) ?? 0), 0)

type Checked = Pick<SourceServer, 'firebase' | 'urls' | 'pins' | 'notes' | 'usedRealms' | 'sound' | 'faults'>

async function checkAll(
  read: () => AsyncGenerator<readonly SourceToken[]>,
  plan: Plan,
  only: readonly string[],
  total: number,
): Promise<Checked> {
  const progress = new Progress('checked', total)
  const [firebase, urls, pins, notes] = [new Tally(), new Tally(), new Tally(), new Tally()]
  const usedRealms = new Set<string>()
  const sound = new Map<string, SoundToken>()
  const faults: TokenFault[] = []
  const seen = new Set<string>()
  for await (const page of read()) {
    for (const token of page) {
      if (only.length > 0 && !token.owners.some(({ realm }) => only.includes(realm))) continue
      const serial = text(token.row['serial'])
      const planned = seen.has(serial.toLowerCase())
        ? { serial, why: 'another token has this serial, or one that differs in case alone' }
        : planToken(token, plan)
      seen.add(serial.toLowerCase())
      if ('why' in planned) {
        faults.push(planned)
        continue
      }
      const { digest, publicKey, sent } = planned
      sound.set(serial, { digest, publicKey, firebase: text(sent['firebase']) })
      firebase.add(text(sent['firebase']))
      urls.add(text(sent['registration_url']))
      pins.add(pinText(sent['pin']))
      for (const note of new Set(planned.notes)) notes.add(note)
      for (const { realm } of token.owners) usedRealms.add(realm)
      for (const realm of token.realms) usedRealms.add(realm)
    }
    progress.add(page.length)
  }
  return { firebase, urls, pins, notes, usedRealms, sound, faults }
}

function pinText(pin: unknown): string {
  if (pin === null) return 'have no PIN'
  if (pin === 'upstream') return 'have a PIN that only the other server can check (upstream)'
  return pin === 'unset' ? 'need a new PIN (unset)' : 'keep their PIN'
}

/** A wrong enckey is one fault, not thirty thousand. */
function expectFit({ sound, faults }: Pick<Checked, 'sound' | 'faults'>, file: string): void {
  const closed = faults.filter(
    ({ why }) => why.includes('does not open with this enckey') || why.includes('opens with this enckey'),
  )
  const opened = [...sound.values()].filter(({ publicKey }) => publicKey !== undefined).length
  if (opened > 0 || closed.length === 0) return
  throw new Fault(
    `${file} opens none of the ${closed.length} private keys in this database, ${closed[0]?.serial} among them: it is another server’s enckey`,
  )
}
