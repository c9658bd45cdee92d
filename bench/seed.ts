import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { node, root } from '../scripts/lib/tools.mjs'

/** A new state folder below another one, which holds so many tokens. */
export async function seed(tokens: string, below: string): Promise<string> {
  const state = mkdtempSync(join(below, 'nod-seeded-'))
  const seeded = await node([join(root, 'scripts/seed.ts'), '--tokens', tokens, '--state', state])
  if (seeded.code !== 0) throw new Error(seeded.stderr)
  return state
}
