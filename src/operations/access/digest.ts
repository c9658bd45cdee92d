import { encodeHex } from '../../bytes.ts'

/** Digests a text by SHA-256, in hex. Only for secrets of high entropy: the digest reveals nothing of them. */
export const digest = async (text: string): Promise<string> =>
  encodeHex(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
