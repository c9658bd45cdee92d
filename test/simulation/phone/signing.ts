/** The phone's half of the cryptography, by Web Crypto so that it runs anywhere: RSASSA-PKCS1-v1_5 with SHA-256, and for
 *  eduMFA's app (docs/protocol.md, "eduMFA") also ECDSA. */
import { type Bytes, fromBase32, fromBase64, toBase32, toBase64, utf8 } from '../bytes.ts'

export interface Keys {
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
}

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

/** A new key pair. 2048 bits take about 0.1 s, and the app's own 4096 about 1 s: tests draw from keys.ts instead. */
export async function generateKeys(bits = 2048): Promise<Keys> {
  const wanted = { ...RSA, modulusLength: bits, publicExponent: new Uint8Array([1, 0, 1]) }
  const keys = await crypto.subtle.generateKey(wanted, true, ['sign', 'verify'])
  if (!('privateKey' in keys)) throw new Error('phone key: no pair was made')
  return keys
}

/** A new pair on a curve, as eduMFA's app may have it. */
export async function generateCurveKeys(namedCurve: 'P-256' | 'P-384' | 'P-521' = 'P-256'): Promise<Keys> {
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve }, true, ['sign', 'verify'])
  if (!('privateKey' in keys)) throw new Error('phone key: no pair was made')
  return keys
}

/** A pair from a PKCS#8 PEM. */
export async function keysFromPem(pem: string): Promise<Keys> {
  const der = fromBase64(pem.replace(/-----[^-]+-----|\s/g, ''))
  if (der === undefined) throw new Error('phone key: not a PKCS#8 PEM')
  const privateKey = await crypto.subtle.importKey('pkcs8', der, RSA, true, ['sign'])
  const jwk = await crypto.subtle.exportKey('jwk', privateKey)
  if (jwk instanceof ArrayBuffer || jwk.n === undefined || jwk.e === undefined) throw new Error('phone key: not RSA')
  const { n, e } = jwk
  const publicKey = await crypto.subtle.importKey('jwk', { kty: 'RSA', n, e }, RSA, true, ['verify'])
  return { privateKey, publicKey }
}

export async function pemOf(keys: Keys): Promise<string> {
  const der = derOf(await crypto.subtle.exportKey('pkcs8', keys.privateKey))
  const lines = toBase64(der).match(/.{1,64}/g) ?? []
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n')
}

/** The public key as the phone sends it. Source: docs/protocol.md, "Key encodings". */
export async function publicKeyText(keys: Keys): Promise<string> {
  return toBase64(derOf(await crypto.subtle.exportKey('spki', keys.publicKey)))
}

/** The runtimes type an export as bytes or JSON in one. */
function derOf(exported: ArrayBuffer | object): Bytes {
  if (!(exported instanceof ArrayBuffer)) throw new Error('phone key: exported as JSON')
  return new Uint8Array(exported)
}

/** The signature as the phone sends it; of eduMFA's app also ECDSA in DER. Source: docs/protocol.md, "Key encodings" and "eduMFA". */
export async function signed(text: string, keys: Keys): Promise<string> {
  if (keys.privateKey.algorithm.name === 'ECDSA') return toBase32(derSignature(await rawSignature(text, keys)))
  return toBase32(new Uint8Array(await crypto.subtle.sign(RSA.name, keys.privateKey, utf8(text))))
}

/** r and s side by side, each as long as the curve's numbers: what Web Crypto makes, and no phone sends. */
export async function rawSignature(text: string, keys: Keys): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, keys.privateKey, utf8(text)))
}

/** RFC 3279: SEQUENCE of INTEGER r and INTEGER s, each without leading zeros but the one that keeps it positive. */
export function derSignature(raw: Bytes): Bytes {
  const half = raw.length / 2
  const numbers = [raw.slice(0, half), raw.slice(half)].map((number) => {
    const digits = [...number].slice(number.findIndex((byte) => byte !== 0))
    return tagged(0x02, (digits[0] ?? 0) >= 0x80 ? [0, ...digits] : digits)
  })
  return new Uint8Array(tagged(0x30, numbers.flat()))
}

export async function verified(text: string, signature: string, serverKey: CryptoKey): Promise<boolean> {
  const bytes = fromBase32(signature)
  return bytes !== undefined && (await crypto.subtle.verify(RSA.name, serverKey, bytes, utf8(text)))
}

/** The server's key as it is sent: PKCS#1. Undefined if it is anything else, SubjectPublicKeyInfo included.
 *  Source: docs/protocol.md, "Key encodings". */
export async function serverKeyFrom(text: string): Promise<CryptoKey | undefined> {
  // Line breaks are removed: docs/protocol.md, "Phone app".
  const der = fromBase64(text.replaceAll('\n', ''))
  if (der === undefined) return undefined
  try {
    return await crypto.subtle.importKey('spki', subjectPublicKeyInfo(der), RSA, true, ['verify'])
  } catch {
    return undefined
  }
}

/** Web Crypto takes no PKCS#1, so the wrapper that SPKI puts around it is put around it here. */
function subjectPublicKeyInfo(rsaPublicKey: Bytes): Bytes {
  const rsaEncryption = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00]
  const algorithm = tagged(0x30, rsaEncryption)
  return new Uint8Array(tagged(0x30, [...algorithm, ...tagged(0x03, [0, ...rsaPublicKey])]))
}

function tagged(tag: number, content: readonly number[]): number[] {
  const { length } = content
  if (length < 0x80) return [tag, length, ...content]
  if (length < 0x100) return [tag, 0x81, length, ...content]
  return [tag, 0x82, length >> 8, length & 0xff, ...content]
}
