import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { root, runNode } from '../scripts/lib/tools.mjs'

/** Makes a state folder with so many tokens below another folder, and returns its path. */
export async function seed(tokens: string, below: string): Promise<string> {
  const state = mkdtempSync(join(below, 'nod-seeded-'))
  const seeded = await runNode([join(root, 'scripts/seed.ts'), '--tokens', tokens, '--state', state])
  if (seeded.code !== 0) throw new Error(seeded.stderr)
  return state
}
