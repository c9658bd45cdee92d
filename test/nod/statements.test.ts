import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DatabaseSync } from 'node:sqlite'
import { applyMigrations, knownMigrations, openFile, tablesOf } from '../../scripts/nod/backup/schema.ts'
import { importStatements, statementsIn } from '../../scripts/nod/backup/statements.ts'

async function* chunksOf(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}

async function split(text: string, size = 7): Promise<string[]> {
  const statements: string[] = []
  for await (const statement of statementsIn(chunksOf(text, size))) statements.push(statement)
  return statements
}

describe('SQL text', () => {
  it('is split where statements end, and not at semicolons in strings, names and comments', async () => {
    const statements = [
      `INSERT INTO t VALUES('a;b','it''s;')`,
      `CREATE TABLE "a;b" (x -- one; it's\n, y /* two; "three */)`,
      `UPDATE t SET x = '--' || '/*', y = 'x'`,
      'SELECT `a;b` FROM t',
    ]
    const text = statements.map((one) => `${one};\n`).join('')
    for (const size of [1, 2, 3, 7, 1000]) {
      expect(await split(text, size)).toEqual(statements.map((one) => `${one};`))
    }
  })

  it('keeps a trigger together, with the statements in it', async () => {
    const trigger = `CREATE TRIGGER x AFTER UPDATE ON t BEGIN
      UPDATE u SET a = CASE WHEN new.b THEN 1 ELSE 2 END; -- then
      DELETE FROM v;
    END;`
    expect(await split(`${trigger}\nSELECT 1;`)).toEqual([trigger, 'SELECT 1;'])
  })

  it('is refused where it was cut off', async () => {
    await expect(split(`SELECT 1;\nINSERT INTO t VALUES('a`)).rejects.toThrow('cut off')
    expect(await split('SELECT 1;\n-- the end')).toEqual(['SELECT 1;'])
  })
})

describe('the text of a database', () => {
  let db: DatabaseSync
  beforeEach(() => {
    db = openFile(':memory:')
    applyMigrations(db, knownMigrations())
  })
  afterEach(() => db.close())

  /** Runs the statements as D1 does: none longer than it takes, each by itself. */
  function imported(): DatabaseSync {
    const target = openFile(':memory:')
    for (const statement of importStatements(db, [])) {
      expect(Buffer.byteLength(statement)).toBeLessThanOrEqual(100_000)
      target.exec(statement)
    }
    return target
  }

  it('makes the same schema and the same rows', () => {
    db.exec(`INSERT INTO settings VALUES ('a', 'it''s'), ('b', 'x\ny;'), ('c', ''), ('d', '\u{1F511}\u2028')`)
    db.prepare('INSERT INTO settings VALUES (?, ?)').run('nul', 'a\0b')
    const target = imported()
    const schema = 'SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name'
    expect(target.prepare(schema).all()).toEqual(db.prepare(schema).all())
    for (const table of tablesOf(db, true)) {
      const rows = `SELECT * FROM ${table}`
      expect(target.prepare(rows).all()).toEqual(db.prepare(rows).all())
    }
  })

  it('makes any text of any length again', () => {
    const characters = ['x', "'", '\u20AC', '\u{1F511}', 'x\u{1F511}', '\0']
    const texts = [1, 499, 501, 15_999, 16_001, 33_333, 90_000].flatMap((length) =>
      characters.map((one) => one.repeat(length)),
    )
    const insert = db.prepare('INSERT INTO settings VALUES (?, ?)')
    for (const [at, value] of texts.entries()) insert.run(String(at).padStart(3, '0'), value)
    const found = imported().prepare('SELECT value FROM settings ORDER BY key').all()
    // Compared by number: a difference of these texts is nothing to print.
    expect(texts.flatMap((one, at) => (one === found[at]?.['value'] ? [] : [at]))).toEqual([])
  })

  it('removes the table that Nod cannot serve without first, and fills it last', () => {
    const statements = [...importStatements(db, ['deployment', 'tokens', 'audit'])]
    expect(statements[0]).toBe('DROP TABLE IF EXISTS "deployment"')
    expect(statements.at(-1)).toMatch(/^INSERT INTO "deployment" /)
    expect(statements.filter((one) => one.includes('restore_pieces')).at(-1)).toBe('DROP TABLE restore_pieces')
  })
})
