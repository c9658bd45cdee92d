import { networkOf } from '../../rules/deployment/addresses.ts'
import type { Ports, Snapshot } from '../../ports/ports.ts'
import { type BelievedAddress, believedAddress as byPaths } from '../../rules/deployment/forwarding.ts'
import { readSystemSettings } from '../../rules/deployment/system-settings.ts'
import type { Source } from '../../vocabulary.ts'
import { digest } from './digest.ts'

type Claiming = Pick<Source, 'address' | 'claims' | 'isEndUser'>

/** Decides which address of a request is believed, and whether it is an end user's. This is the only place that does.
 *  Source: docs/protocol.md, "Client address". */
export function believedAddress(
  { address, claims, isEndUser = false }: Claiming,
  { settings }: Pick<Snapshot, 'settings'>,
): BelievedAddress {
  return claims === undefined
    ? { address, isEndUser }
    : byPaths(readSystemSettings(settings).proxyPaths, address, claims)
}

/** Returns the source with its believed address. Idempotent. */
export function resolveSource<From extends Claiming>(source: From, snapshot: Pick<Snapshot, 'settings'>): From {
  if (source.claims === undefined) return source
  const { claims: _, ...rest } = source
  return { ...rest, ...believedAddress(source, snapshot) } as From
}

/** The name under which what an end user does is counted by place: a digest of their network. Undefined for a source whose address is
 *  not that of an end user. The source has to be resolved. */
export const placeOf = async ({ address, isEndUser }: Claiming): Promise<string | undefined> =>
  isEndUser === true ? (await digest(networkOf(address))).slice(0, 16) : undefined

/** `resolveSource`, with the deployment as this isolate knows it. */
export async function resolveKnownSource({ deployment }: Pick<Ports, 'deployment'>, source: Source): Promise<Source> {
  if (source.claims === undefined) return source
  const snapshot = await deployment.cachedOrReload()
  return snapshot.ok ? resolveSource(source, snapshot.value) : source
}
