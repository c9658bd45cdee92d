import { encodeHex } from '../../bytes.ts'
import type { Ports } from '../../ports/ports.ts'
import { done, type Outcome } from '../../refusal.ts'
import type { LoginReply } from '../../rules/login/login-reply.ts'
import type { Bytes, Caller, TransactionAddress } from '../../vocabulary.ts'
import type { AuthorizedLogin } from './authorize-login.ts'
import type { LoginRequest } from './login-request.ts'
import { newTransaction } from './transaction-address.ts'

// A repeated request joins the login that it opened only if its caller says that it is the same request. Whoever could join by
// less would ride on another's approval. A service that cannot say it joins by the user's address if a policy names it.

/** Whether a request is a repeat, and how a repeat of it is recognized. */
export interface Repeat {
  readonly address: TransactionAddress
  /** The caller named its request by `Idempotency-Key`. */
  readonly isNamed: boolean
  /** Of the request, if it may be repeated. */
  readonly digest?: string
  /** Of the login that the same named request opened before. */
  readonly reply?: LoginReply
}

/** Finds the login that the same request under the same `Idempotency-Key` has opened: its id is made from the request. A request
 *  without a key gets `newAddress`, and, if a policy names its service, a digest by which phones recognize a repeat. Refuses: `storage_unavailable`.
 *  Source: docs/protocol.md, "Repeated requests". */
export async function findRepeat(
  ports: Pick<Ports, 'identifiers' | 'limits' | 'random' | 'transactions'>,
  login: AuthorizedLogin,
  request: LoginRequest,
  newAddress: TransactionAddress,
): Promise<Outcome<Repeat>> {
  const seed = await seedOf(ports, login.caller, request)
  if (seed === undefined)
    return done({ address: newAddress, isNamed: false, digest: await addressDigest(ports, login, request) })
  const address = await newTransaction(ports, login.source.region, seed)
  const digest = encodeHex(seed)
  const reply = await earlierReply(ports, address, digest)
  return reply.ok ? done({ address, isNamed: true, digest, reply: reply.value }) : reply
}

/** Answers the reply of the login with this id, if this request opened it: ids are short enough for two requests to have the
 *  same. Refuses: `storage_unavailable`. */
export async function earlierReply(
  { transactions }: Pick<Ports, 'transactions'>,
  address: TransactionAddress,
  digest: string,
): Promise<Outcome<LoginReply | undefined>> {
  const reply = await transactions.of(address).loginReply({ id: address.id })
  if (!reply.ok) return reply
  // The version before kept no digest.
  return done((reply.value?.digest ?? digest) === digest ? reply.value : undefined)
}

/** The seed of a named request's id. The same request of the same caller has the same, PIN and all. An unknown caller gets none:
 *  somebody else could repeat its request. */
async function seedOf(
  { identifiers }: Pick<Ports, 'identifiers'>,
  caller: Caller,
  request: LoginRequest,
): Promise<Bytes | undefined> {
  const { idempotencyKey } = request
  if (idempotencyKey === undefined || caller.kind === 'nobody' || caller.kind === 'user') return undefined
  const { name } = caller
  return identifiers.digest(JSON.stringify([idempotencyKey, caller.kind, name, ...allFields(request)]))
}

/** The digest of a request for an address that its service is believed to tell, if a policy lets this service join by that: within
 *  ten seconds, the same request of that service for the same address is a repeat. A RADIUS server names the NAS. */
async function addressDigest(
  { identifiers }: Pick<Ports, 'identifiers'>,
  { caller, source, peerAddress, policy }: AuthorizedLogin,
  request: LoginRequest,
): Promise<string | undefined> {
  if (caller.kind !== 'service' || !policy.joiningServices.includes(caller.name)) return undefined
  if (source.address === peerAddress) return undefined
  const fields = ['address', source.address, caller.kind, caller.name, ...allFields(request)]
  return encodeHex(await identifiers.digest(JSON.stringify(fields)))
}

/** Everything by which two requests differ. */
const allFields = ({ action, subject: { user, realm, serial }, pin, exception, type }: LoginRequest) =>
  [action, user, realm, serial, pin?.entry, exception, type].map((field) => field ?? null)
