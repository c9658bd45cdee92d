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

const COMMANDS = [...SCRIPTS, ...OPERATING.map(({ name }) => [`nod -- ${name}`, ['scripts/nod.ts', name]] as const)]

describe.each(COMMANDS)('npm run %s', (_name, command) => {
  it('prints its help and does nothing else', async () => {
    const { code, stdout, stderr } = await runNode([...command, '--help'])
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^[A-Z].*\.\n\n {2}npm (?:run |start|test)/)
    expect(code).toBe(0)
  })

  it('refuses an unknown option in one line', async () => {
    const { code, stdout, stderr } = await runNode([...command, '--no-such-option'])
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^Unknown option '--no-such-option'.*--help.*\n$/)
    expect(code).toBe(2)
  })
})
