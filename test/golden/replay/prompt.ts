import { createPublicKey, verify } from 'node:crypto'
import { decodeBase32 } from './base32.ts'
import type { Difference } from './compare.ts'
import type { Path } from './path.ts'
import { isObject, type Json, type JsonObject } from './recording.ts'

/** Verifies a prompt as the phone does, with the key it got at enrollment (docs/protocol.md, "Signed text of the prompt" and "Capabilities"). */

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')

const signedText = (prompt: JsonObject): string =>
  ['nonce', 'url', 'serial', 'question', 'title', 'sslverify', 'require_presence']
    .filter((name) => prompt[name] !== undefined)
    .map((name) => text(prompt[name]))
    .join('|')

/** The capabilities and the nonce in canonical JSON (RFC 8785). The capabilities have one level, which is sorted here. */
function signedCapabilities(prompt: JsonObject): string {
  const sent = prompt['capabilities']
  const capabilities = JSON.parse(typeof sent === 'string' ? sent : JSON.stringify(sent)) as JsonObject
  const sorted = Object.fromEntries(Object.entries(capabilities).toSorted(([one], [other]) => (one < other ? -1 : 1)))
  return JSON.stringify({ capabilities: sorted, nonce: prompt['nonce'] })
}

function isValidSignature(signature: Json | undefined, over: string, publicKey: string): boolean {
  const bytes = decodeBase32(text(signature))
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'pkcs1' })
  return bytes !== undefined && verify('sha256', Buffer.from(over), key, bytes)
}

/** The signatures of a prompt that are not valid. */
export function promptFaults(
  prompt: Json | undefined,
  publicKeys: ReadonlyMap<string, string>,
  path: Path,
): Difference[] {
  if (!isObject(prompt)) return []
  const publicKey = publicKeys.get(text(prompt['serial']))
  const fault = (name: string, expected: string): Difference => ({ path: [...path, name], expected, got: prompt[name] })
  if (publicKey === undefined) return [fault('serial', 'a serial whose phone has a public key')]
  const faults: Difference[] = []
  const signed = signedText(prompt)
  if (!isValidSignature(prompt['signature'], signed, publicKey))
    faults.push(fault('signature', `a signature over ${signed}`))
  if (prompt['capabilities'] === undefined) return faults
  const capabilities = signedCapabilities(prompt)
  if (!isValidSignature(prompt['capabilities_signature'], capabilities, publicKey)) {
    faults.push(fault('capabilities_signature', `a signature over ${capabilities}`))
  }
  return faults
}
