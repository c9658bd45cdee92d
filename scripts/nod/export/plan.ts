/** Plans the changes at the other server: for each token a step, or the reason why there is none. */
import type { ImportSource } from '../../../src/vocabulary/imports.ts'
import { text } from '../import/database.ts'
import { Tally } from '../import/report.ts'
import { type SourceToken, type TokenFault, WAY_BACK } from '../import/token.ts'
import { additionOf, applied, type Changes, differenceOf, type World } from './difference.ts'
import type { Fetched, Returning } from './fetch.ts'
import type { OldServer } from './old-server.ts'
import type { Step } from './sql.ts'

export interface WayBack {
  readonly steps: readonly Step[]
  readonly faults: readonly TokenFault[]
  readonly unchanged: number
  /** Tokens that were changed there since they were imported, and not here. */
  readonly newerThere: number
  readonly notes: Tally
}

interface Choices {
  /** The names there of Firebase configurations, by their names here. */
  readonly firebase: ReadonlyMap<string, string>
  /** Serials, or `all`. */
  readonly overwrite: ReadonlySet<string>
  /** Whether tokens of all realms were fetched. */
  readonly isWhole: boolean
}

export function planWayBack(source: ImportSource, server: OldServer, fetched: Fetched, choices: Choices): WayBack {
  const world = worldOf(server, fetched, choices)
  const steps: Step[] = []
  const faults: TokenFault[] = []
  const notes = new Tally()
  let [unchanged, newerThere] = [0, 0]
  const take = (serial: string, step: Omit<Step, 'serial'> | string | undefined): void => {
    if (typeof step === 'string') faults.push({ serial, why: step })
    else if (step === undefined) unchanged++
    else steps.push({ serial, ...step })
  }
  const seen = new Set<string>()
  for (const one of fetched.tokens) {
    const { serial, token, origin } = one
    seen.add(serial)
    if (origin !== null && origin.source !== source) continue
    const there = server.tokens.get(serial)
    const mark = there?.info.get(WAY_BACK)
    const isAsLeft = there !== undefined && isUntouched(server, there, [origin?.digest, mark])
    const mayChange = isAsLeft || choices.overwrite.has(serial) || choices.overwrite.has('all')
    if (token === null) {
      if (there === undefined) unchanged++
      else take(serial, mayChange ? deletionOf(there) : 'it was deleted here, and changed there since (--overwrite)')
    } else if (there === undefined) {
      if (origin === null || mayChange) take(serial, added(one, server, world, notes))
      else if (one.changed) take(serial, 'it was deleted there, and changed here since (--overwrite)')
      else notes.add('were deleted there and not here, and stay so: delete them here as well')
    } else if (origin === null && mark === undefined) {
      take(serial, 'a token of its own has this serial there')
    } else {
      const changes = differenceOf(there, one, world)
      if (typeof changes !== 'object') take(serial, changes)
      else if (mayChange) take(serial, changed(one, there, changes, server))
      else if (one.changed)
        take(serial, `it was changed there as well as here: ${changes.names.join(', ')} (--overwrite)`)
      else newerThere++
    }
  }
  // The token was exported before and has been deleted here since.
  if (choices.isWhole)
    for (const [serial, there] of server.tokens)
      if (!seen.has(serial) && there.info.has(WAY_BACK))
        take(
          serial,
          isUntouched(server, there, [there.info.get(WAY_BACK)]) || choices.overwrite.has(serial)
            ? deletionOf(there)
            : 'it was deleted here, and changed there since (--overwrite)',
        )
  return { steps, faults, unchanged, newerThere, notes }
}

/** Whether the token there is as it was imported, or as an export left it. */
const isUntouched = (server: OldServer, there: SourceToken, digests: readonly (string | undefined)[]): boolean => {
  const digest = server.digestOf(applied(there, NOTHING))
  return digest !== undefined && digests.includes(digest)
}
const NOTHING: Changes = { row: {}, info: new Map(), addedRealms: [], removedRealms: [], names: [] }

const typeOf = ({ row }: SourceToken): string => text(row['tokentype'])
const deletionOf = (there: SourceToken): Omit<Step, 'serial'> => ({
  type: typeOf(there),
  there,
  changes: undefined,
  digest: undefined,
})

function changed({ token }: Returning, there: SourceToken, changes: Changes, server: OldServer): Omit<Step, 'serial'> {
  return { type: token?.tokentype ?? typeOf(there), there, changes, digest: server.digestOf(applied(there, changes)) }
}

function added(one: Returning, server: OldServer, world: World, notes: Tally): Omit<Step, 'serial'> | string {
  const { serial, token } = one
  const changes = additionOf(one, world)
  if (typeof changes === 'string') return changes
  const type = token?.tokentype ?? ''
  const none = { row: { serial, tokentype: type }, info: new Map(), owners: [], realms: [], container: undefined }
  const { owner } = changes
  const url =
    token === null || owner === undefined || owner === null
      ? undefined
      : server.registrationUrl(type, token.username, token.user_realm, owner.resolver)
  if (url !== undefined && url !== token?.registration_url)
    notes.add(
      `phones registered at ${token?.registration_url}, and the policy there says ${url}: they take its prompts for another server’s`,
    )
  return { type, there: undefined, changes, digest: server.digestOf(applied(none, changes)) }
}

const key = (login: string, realm: string): string => JSON.stringify([login, realm])

function worldOf(server: OldServer, { tokens, keys }: Fetched, { firebase }: Choices): World {
  const { people, enckey, realms, resolversOf } = server
  const known = new Map(
    tokens.flatMap(({ token, origin }) => {
      const { user_id: userId, resolver } = origin ?? {}
      if (!token || !userId || !resolver || people.find(resolver, userId)?.login !== token.username) return []
      return [[key(token.username, token.user_realm), { userId, resolver, realm: token.user_realm }] as const]
    }),
  )
  return {
    keys,
    enckey,
    realms,
    firebaseOf: (name) => firebase.get(name) ?? name,
    nameOf: ({ resolver, userId, realm }) => {
      const person = people.find(resolver, userId)
      return person && { login: person.login, realm }
    },
    ownerOf(login, realm) {
      const same = known.get(key(login, realm))
      if (same !== undefined) return same
      const candidates = people.named(login)
      const resolver = resolversOf.get(realm)?.find((name) => candidates.some((one) => one.resolver === name))
      const found = candidates.find((one) => one.resolver === resolver)
      return found && { ...found, realm }
    },
  }
}
