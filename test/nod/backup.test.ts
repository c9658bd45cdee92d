import { createHash } from 'node:crypto'
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { writeBackup } from '../../scripts/nod/backup.ts'
import { loadBackup } from '../../scripts/nod/backup/load.ts'
import { type Manifest, readManifest, writeManifest } from '../../scripts/nod/backup/manifest.ts'
import {
  appliedMigrations,
  applyMigrations,
  expectSchema,
  knownMigrations,
  openFile,
} from '../../scripts/nod/backup/schema.ts'

const KEY = '0123456789ab'
const sealed = `2.${KEY}.${'A'.repeat(60)}`

let folder = ''
let good = ''
beforeAll(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => undefined)
  folder = mkdtempSync(join(tmpdir(), 'nod-backup-'))
  good = join(folder, 'good')
  const db = openFile(':memory:')
  applyMigrations(db, knownMigrations())
  fill(db)
  await writeBackup(db, 'local', good)
  db.close()
})
afterAll(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

function fill(db: DatabaseSync): void {
  db.exec(
    `INSERT INTO users (realm, login, surname) VALUES ('sales', 'ada', 'Lovelace'), ('sales', 'eve', 'line\u2028end')`,
  )
  const token =
    db.prepare(`INSERT INTO tokens (serial, type, revision, realm, login, state, active, firebase, registration_url,
    phone_key, pin, max_attempts, created_at) VALUES (?, 'push', 1, 'sales', 'ada', 'enrolled', 1, 'fb1', 'https://nod.example', 'MII', ?, 10, 1)`)
  for (let n = 0; n < 450; n++) token.run(`PIPU${String(n).padStart(4, '0')}`, n === 0 ? sealed : null)
  db.exec(`INSERT INTO signing_keys VALUES ('k3072-1', 3072, '1.${'B'.repeat(60)}', 'MII', 1)`)
  db.exec(`INSERT INTO bypass_codes (realm, login, id, hash, issued_at, expires_at, issued_by, reason)
    VALUES ('sales', 'ada', 1, 'h', 1, 2, 'hedy', 'lost')`)
  db.exec(
    `INSERT INTO administrators (login, password, role, generation, created_at) VALUES ('hedy', 'x', 'admin', 'g1', 1)`,
  )
}

let copies = 0
/** A copy of the good backup, to damage. */
function copy(): string {
  const target = join(folder, `copy-${copies++}`)
  cpSync(good, target, { recursive: true })
  return target
}

const load = async (backup: string): Promise<DatabaseSync> =>
  loadBackup(backup, readManifest(backup), join(folder, `loaded-${copies++}.sqlite`))

/** A copy whose manifest says something else, with a check sum that is right. */
function forged(change: (manifest: Manifest) => Omit<Manifest, 'format'>): string {
  const target = copy()
  const { format: _, ...manifest } = change(readManifest(target)) as Manifest
  writeManifest(target, manifest)
  return target
}

describe('a backup', () => {
  it('says what it has: versions, rows, check sums and the keys that it is sealed with', () => {
    const manifest = readManifest(good)
    expect(manifest).toMatchObject({
      nod: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      source: 'local',
      migrations: knownMigrations(),
      revision: expect.any(Number),
      rows: { tokens: 450, users: 2, audit: 0, deployment: 1 },
      masterKeys: [KEY, 'unnamed'],
    })
    expect(new Set(manifest.parts.map(({ table }) => table))).toEqual(new Set(Object.keys(manifest.rows)))
  })

  it('becomes the same database again, at the same revision', async () => {
    const db = await load(good)
    const model = openFile(':memory:')
    applyMigrations(model, knownMigrations())
    fill(model)
    for (const table of [
      'deployment',
      'users',
      'tokens',
      'token_pages',
      'token_tallies',
      'phone_regions',
      'signing_keys',
      'realms',
    ]) {
      const rows = `SELECT * FROM ${table}`
      expect(db.prepare(rows).all(), table).toEqual(model.prepare(rows).all())
    }
    // Triggers are at work again.
    db.exec(`DELETE FROM tokens WHERE serial = 'PIPU0000'`)
    expect(db.prepare(`SELECT sum(count) AS n FROM token_tallies WHERE realm = '' AND level = 1`).get()).toEqual({
      n: 449,
    })
    db.close()
  })

  it('brings no bypass code and no API token back: it may have been used or voided since', async () => {
    const db = await load(good)
    expect(db.prepare('SELECT count(*) AS n FROM bypass_codes').get()).toEqual({ n: 0 })
    expect(db.prepare('SELECT generation FROM administrators').get()?.['generation']).not.toBe('g1')
    db.close()
  })

  it.each([1, 3, 5])('of %i migrations gets the others after it is loaded', async (count) => {
    const db = openFile(':memory:')
    applyMigrations(db, knownMigrations().slice(0, count))
    db.exec(`INSERT INTO users (realm, login) VALUES ('sales', 'ada')`)
    const older = join(folder, `older-${count}`)
    await writeBackup(db, 'local', older)
    db.close()
    const loaded = await load(older)
    expect(appliedMigrations(loaded)).toEqual(knownMigrations())
    expect(() => expectSchema(loaded)).not.toThrow()
    expect(loaded.prepare('SELECT login FROM users').all()).toEqual([{ login: 'ada' }])
    loaded.close()
  })

  it('is refused, naming the part, where one was changed, cut off or removed', async () => {
    const changed = copy()
    const bytes = readFileSync(join(changed, 'tokens-0001.ndjson.gz'))
    const middle = bytes.length >> 1
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle)
    writeFileSync(join(changed, 'tokens-0001.ndjson.gz'), bytes)
    await expect(load(changed)).rejects.toThrow('tokens-0001.ndjson.gz was changed')

    const exchanged = copy()
    copyFileSync(join(exchanged, 'settings-0001.ndjson.gz'), join(exchanged, 'audit-0001.ndjson.gz'))
    rmSync(join(exchanged, 'users-0001.ndjson.gz'))
    await expect(load(exchanged)).rejects.toThrow('users-0001.ndjson.gz is missing')

    const short = copy()
    truncateSync(join(short, 'users-0001.ndjson.gz'), 30)
    await expect(load(short)).rejects.toThrow(/^users-0001\.ndjson\.gz was cut off: it has 30 of \d+ bytes$/)
  })

  it('is refused where its manifest was changed, cut off or never written', () => {
    const changed = copy()
    const manifest = join(changed, 'manifest.json')
    const text = readFileSync(manifest, 'utf8')
    writeFileSync(manifest, text.replace('"tokens": 450', '"tokens": 449'))
    expect(() => readManifest(changed)).toThrow('manifest.json was changed')
    writeFileSync(manifest, text.slice(0, -40))
    expect(() => readManifest(changed)).toThrow('manifest.json was changed or cut off')
    writeFileSync(manifest, text.replace('"format": 1', '"format": 2'))
    expect(() => readManifest(changed)).toThrow('has the format 2; this Nod reads 1')
    rmSync(manifest)
    expect(() => readManifest(changed)).toThrow('is no backup')
  })

  it('is refused where its schema is newer than this Nod', async () => {
    const newer = forged((manifest) => ({ ...manifest, migrations: [...manifest.migrations, '0999_later.sql'] }))
    await expect(load(newer)).rejects.toThrow(
      /^The backup has a newer schema than this Nod: 0999_later\.sql is not among its migrations\. Use the Nod that made it/,
    )
  })

  it('is refused where a part does not have the rows of its manifest, or not those of its table', async () => {
    const parts = (manifest: Manifest, change: Partial<Manifest['parts'][number]>) =>
      manifest.parts.map((part) => (part.table === 'users' ? { ...part, ...change } : part))
    const fewer = forged((manifest) => ({ ...manifest, parts: parts(manifest, { rows: 3 }) }))
    await expect(load(fewer)).rejects.toThrow('users-0001.ndjson.gz has 2 rows, and its manifest says 3')
    const other = forged((manifest) => ({
      ...manifest,
      parts: parts(manifest, { columns: ['realm', 'login', 'shoe_size'] }),
    }))
    await expect(load(other)).rejects.toThrow(/^users-0001\.ndjson\.gz cannot be loaded: .*shoe_size/)
    const lost = forged((manifest) => ({ ...manifest, parts: manifest.parts.filter(({ table }) => table !== 'users') }))
    await expect(load(lost)).rejects.toThrow('users has 0 rows after loading, and its manifest says 2')
  })

  it('is refused where a part leads elsewhere, has more rows than its manifest, or a line that never ends', async () => {
    const users = 'users-0001.ndjson.gz'
    const more = forged((manifest) => ({
      ...manifest,
      parts: manifest.parts.map((part) => (part.file === users ? { ...part, rows: 1 } : part)),
    }))
    await expect(load(more)).rejects.toThrow(`${users} has more rows than the 1 of its manifest`)

    const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024, 'a'))
    const [bytes, sha256] = [bomb.length, createHash('sha256').update(bomb).digest('hex')]
    const long = forged((manifest) => ({
      ...manifest,
      parts: manifest.parts.map((part) => (part.file === users ? { ...part, bytes, sha256 } : part)),
    }))
    writeFileSync(join(long, users), bomb)
    await expect(load(long)).rejects.toThrow('longer than any row of D1')

    const linked = forged((manifest) => manifest)
    rmSync(join(linked, users))
    symlinkSync('/dev/zero', join(linked, users))
    await expect(load(linked)).rejects.toThrow(`${users} is no file`)
  })

  it('names no file outside of its folder', () => {
    expect(() =>
      forged((manifest) => ({
        ...manifest,
        parts: manifest.parts.map((part) => ({ ...part, file: '../good/users-0001.ndjson.gz' })),
      })),
    ).toThrow()
  })
})

describe('a database', () => {
  const database = (change: string): DatabaseSync => {
    const db = openFile(':memory:')
    applyMigrations(db, knownMigrations())
    db.exec(change)
    return db
  }

  it('is not backed up where a migration was applied by half', () => {
    expect(() => expectSchema(database('DROP TABLE bypass_codes'))).toThrow('the table bypass_codes is missing')
    expect(() => expectSchema(database('ALTER TABLE users DROP COLUMN email'))).toThrow('users has no column email')
    expect(() => expectSchema(database('ALTER TABLE users ADD COLUMN shoe_size'))).toThrow(
      'users has a column shoe_size',
    )
    expect(() => expectSchema(database(`INSERT INTO d1_migrations (name) VALUES ('0999_later.sql')`))).toThrow(
      'The database has a newer schema than this Nod: 0999_later.sql',
    )
    expect(() => expectSchema(openFile(':memory:'))).toThrow('it is no database of Nod')
  })

  it('may have tables beside those of Nod', () => {
    expect(expectSchema(database('CREATE TABLE mine (x)')).others).toEqual(['mine'])
  })

  it('has no virtual table: Cloudflare does not export one', () => {
    const db = database('SELECT 1')
    expect(db.prepare(`SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL%'`).all()).toEqual([])
  })
})
