import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root, runNode } from '../../scripts/lib/tools.mjs'
import { countRows } from '../../scripts/nod/backup/load.ts'
import { databaseFile } from '../../scripts/nod/backup/local.ts'
import { openFile } from '../../scripts/nod/backup/schema.ts'
import { importStatements } from '../../scripts/nod/backup/statements.ts'
import { sleep } from '../driver/waiting.ts'
import { nod } from './nod-command.ts'

const TOKENS = 100_000
/** Megabytes; the rows alone are more. */
const HEAP = 40
const LITTLE_MEMORY = { NODE_OPTIONS: `--max-old-space-size=${HEAP}` }

let folder = ''
const path = (name: string): string => join(folder, name)
const seed = (state: string, tokens: number) =>
  runNode([join(root, 'scripts/seed.ts'), '--state', path(state), '--tokens', String(tokens)])

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nod-large-'))
  expect(await seed('large', TOKENS)).toMatchObject({ code: 0 })
  expect(await seed('small', 300)).toMatchObject({ code: 0 })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The number of tokens in a state folder, whose database SQLite finds sound. */
function tokensIn(state: string): number {
  const db = openFile(databaseFile(path(state)))
  try {
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    return countRows(db)['tokens'] ?? 0
  } finally {
    db.close()
  }
}

describe(`a backup of ${TOKENS} tokens`, () => {
  it('is read and loaded in parts, and never held in memory', { timeout: 240_000 }, async () => {
    expect(await nod(['backup', '--state', path('large'), '--out', path('backup')], LITTLE_MEMORY)).toMatchObject({
      code: 0,
    })
    const size = readdirSync(path('backup')).reduce((sum, name) => sum + statSync(join(path('backup'), name)).size, 0)
    expect(size).toBeLessThan(statSync(databaseFile(path('large'))).size / 4)

    expect(await nod(['restore', path('backup'), '--state', path('again')], LITTLE_MEMORY)).toMatchObject({ code: 0 })
    expect(tokensIn('again')).toBe(TOKENS)
  })

  it('goes to D1 in statements that it takes', () => {
    const db = openFile(databaseFile(path('large')))
    let longest = 0
    let bytes = 0
    for (const statement of importStatements(db, [])) {
      longest = Math.max(longest, Buffer.byteLength(statement))
      bytes += statement.length
    }
    db.close()
    expect(longest).toBeLessThanOrEqual(100_000)
    expect(bytes).toBeGreaterThan(10_000_000)
  })

  it(
    'that is killed while it is restored leaves the old database or the new one, whole',
    { timeout: 240_000 },
    async () => {
      let killed = 0
      for (const milliseconds of [1000, 2000, 3500, 5000, 7000]) {
        const args = ['restore', path('backup'), '--state', path('small'), '--replace']
        const child = spawn(process.execPath, [join(root, 'scripts/nod.ts'), ...args], { cwd: root, stdio: 'ignore' })
        const ended = once(child, 'close')
        await Promise.race([ended, sleep(milliseconds)])
        if (child.exitCode === null) killed++
        child.kill('SIGKILL')
        await ended
        expect([300, TOKENS]).toContain(tokensIn('small'))
      }
      expect(killed).toBeGreaterThan(0)
      expect(await nod(['restore', path('backup'), '--state', path('small'), '--replace'])).toMatchObject({ code: 0 })
      expect(tokensIn('small')).toBe(TOKENS)
    },
  )
})
