import { encodeHex } from '../../bytes.ts'

/** SHA-256 of a text's UTF-8, in hex: how credentials and keys of high entropy are remembered. Comparing two of them tells nothing of what they were made from. */
export const digest = async (text: string): Promise<string> =>
  encodeHex(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
