import { sha256, utf8 } from '../../bytes.ts'

/** Digests a text by SHA-256, in hex. Only for secrets of high entropy: the digest reveals nothing of them. */
export const digest = (text: string): Promise<string> => sha256(utf8(text))
