import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { modulePath, root, runNode } from '../../scripts/lib/tools.mjs'

const folder = mkdtempSync(join(tmpdir(), 'nod-client-size-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Bytes, compressed, of a program that imports these names, as a bundler makes it. */
async function sizeOf(names: string): Promise<{ bytes: number; text: string }> {
  const [source, bundled] = [join(folder, 'in.ts'), join(folder, 'out.js')]
  writeFileSync(source, `export ${names} from ${JSON.stringify(join(root, 'client/src/index.ts'))}`)
  const args = [source, '--bundle', '--minify', '--format=esm', '--log-level=error', `--outfile=${bundled}`]
  const { code, stderr } = await runNode([modulePath('esbuild/bin/esbuild'), ...args])
  if (code !== 0) throw new Error(stderr)
  const script = readFileSync(bundled)
  return { bytes: gzipSync(script).length, text: script.toString() }
}

describe('a bundle', () => {
  it('that triggers, waits and finalizes has 3.5 KB, and nothing of administration, streams or webhooks', async () => {
    const { bytes, text } = await sizeOf('{ connect, trigger, wait, finalize }')
    expect(bytes).toBeLessThanOrEqual(3_500)
    for (const other of ['/token', 'event-stream', 'secevent', '/policy', 'instanceof Blob'])
      expect(text).not.toContain(other)
  })

  it('of everything has 9 KB', async () => {
    expect((await sizeOf('*')).bytes).toBeLessThanOrEqual(9_000)
  })
})
