/** The keys in the other server's `enckey`: with them it encrypts private keys, PINs and passwords in its database. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Fault } from '../../lib/tools.mjs'

const SLOT_BYTES = 32

/** Which of the three keys of the file: PINs have the first, passwords of the configuration and private keys the second. */
const SLOTS = { pin: 0, password: 1 } as const

export interface EncKey {
  /** Decrypts `IV:ciphertext`, both in hexadecimal. Undefined where this key does not open it. */
  decrypt(use: keyof typeof SLOTS, encrypted: string): string | undefined
  /** Encrypts a text in the same form. */
  encrypt(use: keyof typeof SLOTS, plain: string): string
}

/** Reads the file. Throws a Fault for what is no file of three keys, also one that is itself encrypted with a password. */
export function readEncKey(file: string): EncKey {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw new Fault(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (/^[0-9a-f]+:[0-9a-f]+\s*$/i.test(bytes.toString('latin1')))
    throw new Fault(`${file} is encrypted with a password: write an unencrypted copy of it for the import`)
  if (bytes.length !== 3 * SLOT_BYTES) throw new Fault(`${file} has ${bytes.length} bytes; an enckey has 96`)
  const keyOf = (use: keyof typeof SLOTS): Buffer =>
    bytes.subarray(SLOTS[use] * SLOT_BYTES, (SLOTS[use] + 1) * SLOT_BYTES)
  return {
    encrypt(use, plain) {
      const iv = randomBytes(16)
      const cipher = createCipheriv('aes-256-cbc', keyOf(use), iv)
      return `${iv.toString('hex')}:${Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]).toString('hex')}`
    },
    decrypt(use, encrypted) {
      const [, iv = '', data = ''] = /^([0-9a-f]{32}):((?:[0-9a-f]{32})+)$/i.exec(encrypted) ?? []
      if (data === '') return undefined
      return decrypted(keyOf(use), Buffer.from(iv, 'hex'), Buffer.from(data, 'hex'))
    },
  }
}

function decrypted(key: Buffer, iv: Buffer, data: Buffer): string | undefined {
  const cipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  const plain = Buffer.concat([cipher.update(data), cipher.final()])
  const padding = plain.at(-1) ?? 0
  const isPadded = padding > 0 && padding <= 16 && plain.subarray(-padding).every((byte) => byte === padding)
  return isPadded ? utf8(plain.subarray(0, -padding)) : utf8(oldForm(plain))
}

/** Releases of long ago encrypted the text in hexadecimal, with an end mark. */
function oldForm(plain: Buffer): Buffer | undefined {
  const end = plain.lastIndexOf(Buffer.from([1, 2]))
  const hex = plain.subarray(0, end === -1 ? 0 : end).toString('latin1')
  return /^(?:[0-9a-f]{2})+$/i.test(hex) ? Buffer.from(hex, 'hex') : undefined
}

function utf8(bytes: Buffer | undefined): string | undefined {
  try {
    return bytes && new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
