/** What the verifier of the audit, a script for Node, uses of Node. */
declare module 'node:crypto' {
  interface Hash {
    update(data: string | Uint8Array): Hash
    digest(): Uint8Array
    digest(encoding: 'base64url'): string
  }
  export function createHash(algorithm: 'sha256'): Hash
}
