/** The command line of `npm run conformance`. */
import { parseArgs } from 'node:util'

export const USAGE = `Tests a server, over HTTP, with the fifty statements of docs/conformance.md.

  npm run conformance -- <url> [options]
  npm run conformance -- --markdown <file.json> …    the page of earlier runs (see --json), on standard output

  --admin <login:password>       the administrator; without it, for a server on this machine, ADMIN_LOGIN and
                                 ADMIN_PASSWORD, or those that \`npm start\` keeps in NOD_STATE (.nod)
  --google <url>                 a simulated Google that the server delivers through: test/simulation/google.ts
  --firebase <name>              the server's configuration for it (fb1)
  --origin <origin>              an origin whose login pages may poll
  --users <login:password,…>     users who exist; without it they are made by POST /user/
  --realm <realm>                their realm
  --peer nod|privacyidea         whose listed divergences hold; without it, as the server's version says
  --only <n,m>                   these statements only
  --slow                         also what has to wait for time to pass
  --json <file>                  keep what was found`

export type PeerKind = 'nod' | 'privacyidea'

export interface Account {
  readonly login: string
  readonly password: string
}

export interface PeerOptions {
  readonly url: string
  readonly admin: Account
  /** The simulated Google's address, where it is also told what to do. */
  readonly google?: string
  readonly firebase: string
  readonly origin?: string
  /** Users who exist, in `realm`; none: the server makes users as they are needed. */
  readonly users: readonly Account[]
  readonly realm?: string
  readonly peer?: PeerKind
  readonly slow: boolean
}

export interface Arguments {
  readonly peer: PeerOptions
  readonly only: readonly number[]
  readonly json: string | undefined
}

/** A wrong command line; the message says what to change. */
export class BadArguments extends Error {}

const OPTIONS = {
  admin: { type: 'string' },
  google: { type: 'string' },
  firebase: { type: 'string', default: 'fb1' },
  origin: { type: 'string' },
  users: { type: 'string', default: '' },
  realm: { type: 'string' },
  peer: { type: 'string' },
  only: { type: 'string', default: '' },
  slow: { type: 'boolean', default: false },
  json: { type: 'string' },
  markdown: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** `findAdministrator` finds the administrator of a server, where the command line names none. */
export function readArguments(
  args: string[],
  findAdministrator: (url: string) => Account | undefined,
): Arguments | 'help' | { readonly markdown: readonly string[] } {
  const { values, positionals } = parsed(args)
  if (values.help) return 'help'
  if (values.markdown) return { markdown: positionals }
  const [url] = positionals
  if (url === undefined || positionals.length > 1)
    throw new BadArguments('Expected one address, as http://127.0.0.1:8787')
  const { google, origin, realm, firebase, slow, peer } = values
  const users = listed(values.users).map(account)
  if (users.length > 0 && realm === undefined) throw new BadArguments('--users is given without --realm')
  const given = {
    ...(google === undefined ? {} : { google: google.replace(/\/+$/, '') }),
    ...(origin === undefined ? {} : { origin }),
    ...(realm === undefined ? {} : { realm }),
    ...(peer === undefined ? {} : { peer: peerKind(peer) }),
  }
  const admin = values.admin === undefined ? findAdministrator(url) : account(values.admin)
  if (admin === undefined) throw new BadArguments('No administrator is known for this server: --admin <login:password>')
  return {
    peer: { url: url.replace(/\/+$/, ''), admin, firebase, users, slow, ...given },
    only: listed(values.only).map(Number),
    json: values.json,
  }
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: OPTIONS })
  } catch (error) {
    // What follows is about arguments that begin with a dash: none of these do.
    throw new BadArguments((error as Error).message.replace(/\. .*/s, ''))
  }
}

function peerKind(text: string): PeerKind {
  if (text === 'nod' || text === 'privacyidea') return text
  throw new BadArguments(`--peer is ${text}, expected nod or privacyidea`)
}

const listed = (text: string): string[] => text.split(',').filter((one) => one !== '')

function account(text: string): Account {
  const colon = text.indexOf(':')
  if (colon < 1) throw new BadArguments(`"${text.slice(0, 3)}…" is no login:password`)
  return { login: text.slice(0, colon), password: text.slice(colon + 1) }
}
