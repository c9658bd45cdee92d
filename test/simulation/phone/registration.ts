/** Completing an enrollment, as seen by the phone (docs/protocol.md, "Registration"). */
import { type Reply, reasonOf, summary } from '../reply.ts'
import type { Credential } from './enrollment-uri.ts'
import type { PhoneToken } from './inbox.ts'
import { serverKeyFrom } from './signing.ts'

/** The server did not let the phone register; the app shows the message and lets the user try again. */
export class RegistrationRefused extends Error {
  readonly reply: Reply | undefined
  constructor(message: string, reply?: Reply) {
    super(message)
    this.reply = reply
  }
}

/** The app gives up after this. Source: docs/protocol.md, "Enrollment URI". */
export function refuseExpired({ serial, scannedAt, ttl }: Credential, now: number): void {
  if (now >= scannedAt + ttl * 60_000)
    throw new RegistrationRefused(`the credential of ${serial} is older than ${ttl} minutes`)
}

export function refuseUnreachable(url: string, why: unknown): never {
  throw new RegistrationRefused(`${url} cannot be reached: ${reasonOf(why)}`)
}

/** The token the reply makes, or RegistrationRefused. */
export async function tokenFromReply(credential: Credential, reply: Reply): Promise<PhoneToken> {
  const { serial, url, issuer, label, sslVerify, pollOnly } = credential
  // The app shows why: docs/protocol.md, "Phone app".
  if (reply.status >= 400) throw new RegistrationRefused(summary(reply), reply)
  // The app reads nothing else: docs/protocol.md, "Phone app".
  const serverKey = reply.detail.public_key
  if (typeof serverKey !== 'string' || (await serverKeyFrom(serverKey)) === undefined)
    throw new RegistrationRefused('detail.public_key is not the base64 of a PKCS#1 RSAPublicKey', reply)
  return { serial, url, issuer, label, sslVerify, pollOnly, serverKey }
}
