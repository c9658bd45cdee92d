/** What a scanned QR code says, read as the app reads it (docs/protocol.md, "Enrollment URI" and "Label and issuer"). */
import { type App, PRIVACYIDEA } from './app.ts'
import { canonicalUrl } from './canonical-url.ts'

export interface Credential {
  readonly serial: string
  readonly enrollmentCredential: string
  /** "registration URL; becomes the token's permanent poll/update URL" */
  readonly url: string
  readonly label: string
  readonly issuer: string
  /** In minutes. */
  readonly ttl: number
  readonly sslVerify: boolean
  readonly pollOnly: boolean
  readonly pinRequired: boolean
  readonly forceUnlock: string | undefined
  readonly image: string | undefined
  readonly scannedAt: number
}

/** A URI the app refuses; the message is a sentence for people. */
export class BadUri extends Error {}

export function readEnrollmentUri(uri: string, scannedAt: number, app: App = PRIVACYIDEA): Credential {
  const { schemes, host, issuer } = app
  const parts = /^([a-z][a-z-]*):\/\/([^/?]*)\/([^?]*)\?(.*)$/i.exec(uri.trim())
  if (parts === null)
    throw new BadUri(`This is no enrollment URI; expected ${schemes[0]}://${host}/<label>?<parameters>.`)
  const [, scheme = '', type = '', path = '', query = ''] = parts
  if (!schemes.includes(scheme.toLowerCase()))
    throw new BadUri(`The URI begins with ${scheme}:, expected ${schemes.map((one) => `${one}:`).join(' or ')}.`)
  if (type.toLowerCase() !== host) throw new BadUri(`The URI is for a token of type ${type}, expected ${host}.`)

  const parameters = new URLSearchParams(query)
  const required = (name: string): string => {
    const value = parameters.get(name)
    if (value === null || value === '') throw new BadUri(`The URI has no ${name}.`)
    return value
  }
  // "any other value is refused"
  const version = required('v')
  if (version !== '1') throw new BadUri(`The URI has version ${version}, expected 1.`)
  const url = canonicalUrl(required('url'))
  // "http(s) URL with host"
  if (url === undefined) throw new BadUri(`The URI's url is ${required('url')}, expected an http or https address.`)

  return {
    serial: required('serial'),
    // "required (app aborts the POST if missing)"
    enrollmentCredential: required('enrollment_credential'),
    url,
    ...names(decoded(path), parameters.get('issuer') ?? issuer),
    ttl: minutes(parameters.get('ttl')),
    sslVerify: parameters.get('sslverify') !== '0',
    pollOnly: isTrue(parameters.get('poll_only')),
    pinRequired: isTrue(parameters.get('pin')),
    forceUnlock: parameters.get('app_force_unlock') ?? undefined,
    image: parameters.get('image') ?? undefined,
    scannedAt,
  }
}

/** "a `:` in the label splits it into issuer and label and then overrides `issuer`" */
function names(label: string, issuer: string): { label: string; issuer: string } {
  const colon = label.indexOf(':')
  return colon < 0 ? { label, issuer } : { issuer: label.slice(0, colon), label: label.slice(colon + 1) }
}

function decoded(label: string): string {
  try {
    return decodeURIComponent(label)
  } catch {
    throw new BadUri(`The URI's label is ${label}, which is not percent-encoded UTF-8.`)
  }
}

/** "app 3 if absent or not a number; 0 or negative refuses the URI" */
function minutes(ttl: string | null): number {
  if (ttl === null || !/^[+-]?\d+$/.test(ttl)) return 3
  if (Number(ttl) <= 0) throw new BadUri(`The URI has a ttl of ${ttl} minutes, expected more than 0.`)
  return Number(ttl)
}

/** "Booleans may be written `True`/`true`/`1`." */
const isTrue = (value: string | null): boolean => value !== null && ['True', 'true', '1'].includes(value)
