import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Bytes } from '../../src/vocabulary.ts'

/** The parts of a recorded exchange with privacyIDEA that the tests of protocol/ use. */
export interface Recording {
  readonly tokens: readonly { readonly serial: string; readonly phone: string; readonly server_public_key?: string }[]
  readonly keys: Readonly<Record<string, string>>
  readonly exchanges: readonly Exchange[]
  readonly fcm: readonly { readonly body: { readonly message: FcmMessage } }[]
}

export interface FcmMessage {
  readonly data: Readonly<Record<string, string>>
}

export interface Exchange {
  readonly label: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly query?: Readonly<Record<string, string>> | null
    readonly body?: Readonly<Record<string, string>> | null
    readonly headers: Readonly<Record<string, string>>
  }
  readonly response: {
    readonly status: number
    readonly json?: {
      readonly result: {
        readonly value?: boolean | number | readonly Readonly<Record<string, string>>[] | { readonly token?: string }
        readonly error?: { readonly code: number; readonly message: string }
        readonly authentication?: string
      }
      readonly detail?: (Readonly<Record<string, unknown>> & { readonly pushurl?: { readonly value: string } }) | null
    }
  }
}

export function recording(name: string): Recording {
  const read: Recording = JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8'))
  return read
}

export const exchange = (name: string, label: string): Exchange => {
  const found = recording(name).exchanges.find((one) => one.label === label)
  if (found === undefined) throw new Error(`${name} has no exchange "${label}"`)
  return found
}

/** The signature of a recorded phone's key. The scheme is deterministic, so it is the recorded one. */
export const signedBy = (pem: string, text: string): Bytes =>
  new Uint8Array(sign('sha256', Buffer.from(text), createPrivateKey(pem)))

export const publicHalf = (pem: string): Bytes =>
  new Uint8Array(createPublicKey(pem).export({ type: 'spki', format: 'der' }))

/** Decodes base64 with line breaks, independently of src. */
export const fromBase64 = (text: string): Bytes => new Uint8Array(Buffer.from(text, 'base64'))
