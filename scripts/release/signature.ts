/** The checksums of a release and their signature. What is made here is checked by `ssh-keygen -Y verify` and `sha256sum -c`. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../lib/tools.mjs'
import { run } from './programs.ts'

export const SUMS = 'SHA256SUMS'
const SIGNATURE = 'SHA256SUMS.sig'
/** The name that the signer has in the list of signers, and what the signature is for. */
const SIGNER = 'nod-release'

/** The checksum of each file of a release, in the form of `sha256sum`. */
export function checksumsOf(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile() && name !== SUMS && name !== SIGNATURE)
    .toSorted()
  return names
    .map(
      (name) =>
        `${createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex')}  ${name}\n`,
    )
    .join('')
}

/** Signs the checksums. `key`: a private key file of OpenSSH, or the public one of a key that is in the agent or on a token. */
export async function sign(folder: string, key: string): Promise<void> {
  await run('ssh-keygen', ['-Y', 'sign', '-f', key, '-n', SIGNER, join(folder, SUMS)])
  if (!existsSync(join(folder, SIGNATURE))) throw new Fault('ssh-keygen has written no signature')
}

/** The public key as it stands in a list of signers: `ssh-ed25519 AAAA…`. */
export async function publicKeyOf(key: string): Promise<string> {
  const text = key.endsWith('.pub')
    ? readFileSync(key, 'utf8')
    : existsSync(`${key}.pub`)
      ? readFileSync(`${key}.pub`, 'utf8')
      : await run('ssh-keygen', ['-y', '-f', key])
  return text.trim().split(' ').slice(0, 2).join(' ')
}

export const signerLine = (publicKey: string): string => `${SIGNER} namespaces="${SIGNER},git" ${publicKey}`

/** Whether a list of signers has this key. */
export const isSigner = (signers: string, publicKey: string): boolean =>
  signers.split('\n').some((line) => !line.startsWith('#') && line.includes(publicKey))

/** Checks the signature and every file of a release. Throws a Fault that says what is wrong. */
export async function verify(folder: string, signers: string): Promise<void> {
  for (const name of [SUMS, SIGNATURE])
    if (!existsSync(join(folder, name))) throw new Fault(`${folder} has no ${name}: it is no signed release`)
  const sums = readFileSync(join(folder, SUMS))
  const args = ['-Y', 'verify', '-f', signers, '-I', SIGNER, '-n', SIGNER, '-s', join(folder, SIGNATURE)]
  await run('ssh-keygen', args, { input: sums }).catch((error: unknown) => {
    throw new Fault(
      `The checksums are not signed by a key in ${signers}: ${error instanceof Error ? error.message : ''}`,
    )
  })
  const differences = differingFiles(sums.toString(), checksumsOf(folder))
  if (differences.length > 0) throw new Fault(`Not what was released: ${differences.join(', ')}`)
}

/** The names of files whose checksums differ, or that only one of the lists has. */
export function differingFiles(one: string, other: string): readonly string[] {
  const [left, right] = [one, other].map((text) => new Set(text.split('\n').filter((line) => line !== '')))
  const all = new Set([...(left ?? []), ...(right ?? [])])
  const lines = [...all].filter((line) => left?.has(line) !== right?.has(line))
  // A checksum has 64 digits, and two spaces follow.
  return [...new Set(lines.map((line) => line.slice(66)))]
}

export const writeChecksums = (folder: string): void => writeFileSync(join(folder, SUMS), checksumsOf(folder))
