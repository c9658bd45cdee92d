import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runNode } from '../../scripts/lib/tools.mjs'
import { COMMANDS as OPERATING } from '../../scripts/nod/commands.ts'

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>
}
/** Nod's own commands; the others are programs that npm installed. */
const SCRIPTS = Object.entries(scripts).flatMap(([name, script]) =>
  script.startsWith('exec node ') ? [[name, script.split(' ').slice(2)] as const] : [],
)

const HELP = /^[A-Z].*\.\n\n {2}npm (?:run |start|test)/

describe.each(SCRIPTS)('npm run %s', (_name, command) => {
  it('prints its help and does nothing else', async () => {
    const { code, stdout, stderr } = await runNode([...command, '--help'])
    expect(stderr).toBe('')
    expect(stdout).toMatch(HELP)
    expect(code).toBe(0)
  })

  it('refuses an unknown option in one line', async () => {
    const { code, stdout, stderr } = await runNode([...command, '--no-such-option'])
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^Unknown option '--no-such-option'.*--help.*\n$/)
    expect(code).toBe(2)
  })
})

// All of them are read by the same lines of scripts/nod.ts, before any of them runs: one shows what these do.
describe('a command of npm run nod', () => {
  it.each(OPERATING)('$name has a help that says how it is used', ({ name, summary, usage }) => {
    expect(`${summary}\n\n${usage}`).toMatch(HELP)
    expect(usage.startsWith(`  npm run nod -- ${name}`)).toBe(true)
  })

  it('prints its help and does nothing else', async () => {
    const [first] = OPERATING
    const { code, stdout, stderr } = await runNode(['scripts/nod.ts', first?.name ?? '', '--help'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toBe(`${first?.summary}\n\n${first?.usage}\n`)
  })

  it('refuses an unknown option in one line', async () => {
    const { code, stdout, stderr } = await runNode(['scripts/nod.ts', OPERATING[0]?.name ?? '', '--no-such-option'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^Unknown option '--no-such-option'.*--help.*\n$/)
  })
})
