import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { only } from '../driver/waiting.ts'
import { OwnNod } from './own-nod.ts'

/** In no other text. */
const LOGIN = 'zwetschgenmus'

let own: OwnNod
beforeAll(async () => {
  own = await OwnNod.start({ AUDIT_ARCHIVE_MODE: 'required' })
}, 60_000)
afterAll(() => own.remove())

/** The files of the state folder that contain the text, archived parts unpacked. */
function filesWith(text: string): readonly string[] {
  const files = readdirSync(own.state, { recursive: true, encoding: 'utf8' })
    .map((name) => join(own.state, name))
    .filter((path) => statSync(path).isFile())
  return files.filter((path) => contentOf(path).includes(text))
}

function contentOf(path: string): Buffer {
  const bytes = readFileSync(path)
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes
}

/** Writes the file anew without SQLite's log of the latest writes and without free space: both keep deleted rows for a while, and
 *  nothing can read them there but whoever has the file. */
function tidy(path: string): void {
  if (!path.endsWith('.sqlite')) return
  const database = new DatabaseSync(path)
  database.exec('PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
}

describe('npm run nod', () => {
  it('exports a user, erases them after --yes, and proves the audit afterwards', { timeout: 60_000 }, async () => {
    const { driver } = own
    const { phone, owner } = await driver.enroll(LOGIN, { pin: '1234' })
    const login = await driver.service.triggerWithPin(owner, '1234')
    await phone.accept(only(await phone.poll()))
    expect(await driver.service.finalize(login.transactionId, owner)).toBe('ACCEPT')
    await driver.service.check({ ...owner, pass: 'wrong' })
    expect(await driver.service.triggerWithPin(owner, '1234')).toMatchObject({ clientMode: 'poll' })

    const head = await own.run(['audit-head'])
    expect(head.code).toBe(0)
    writeFileSync(own.path('head.txt'), head.stdout)
    const out = own.path('user.json')
    expect(await own.run(['export-user', `${LOGIN}@own`, '--out', out])).toMatchObject({ code: 0 })
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({
      user: LOGIN,
      realm: 'own',
      tokens: [{ has_pin: true, username: LOGIN, phone: { successes: 1 }, open_logins: [{ otp_valid: false }] }],
    })
    expect(statSync(out).mode & 0o77).toBe(0)

    const asked = await own.run(['erase-user', LOGIN, '--realm', 'own'])
    expect(asked).toMatchObject({ code: 1, stderr: 'Nothing was erased: add --yes\n' })
    expect(asked.stdout).toMatch(new RegExp(`^${LOGIN} of the realm own has 1 tokens and is in \\d+ records`))
    expect(filesWith(LOGIN).length).toBeGreaterThan(3)

    const erased = await own.run(['erase-user', LOGIN, '--realm', 'own', '--yes'])
    expect(erased.stderr).toBe('')
    expect(erased.stdout).toMatch(/Erased: 1 tokens, \d+ records, \d+ parts of the archive\.\n$/)
    expect((await own.run(['export-user', `${LOGIN}@own`])).stdout).toContain('"audit": []')
    expect(await own.run(['verify-audit', '--head', own.path('head.txt')])).toMatchObject({ code: 0, stderr: '' })
    await own.stop()
    filesWith('SQLite format 3').forEach(tidy)
    // The journal knows the name for half an hour, to erase what was on its way.
    expect(filesWith(LOGIN).map((path) => dirname(relative(own.state, path)))).toEqual(['v3/do/nod-Journal'])
  })
})
