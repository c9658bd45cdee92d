import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, it } from 'vitest'
import { bundle } from '../scripts/lib/bundle.mjs'

const folder = mkdtempSync(join(tmpdir(), 'nod-bundle-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// A cold isolate reads and compiles the whole script before its first login.
it('stays under 345 KB compressed, as the production settings build it', { timeout: 60_000 }, async () => {
  const script = readFileSync(await bundle(folder))
  expect(gzipSync(script).length).toBeLessThanOrEqual(345_000)
})
