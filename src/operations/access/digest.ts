import { encodeHex } from '../../bytes.ts'

/** SHA-256 of a text's UTF-8, in hex. Credentials and keys of high entropy are stored so; comparing two digests reveals nothing
 *  about the texts. */
export const digest = async (text: string): Promise<string> =>
  encodeHex(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
