import { parseArgs } from 'node:util'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../scripts/nod/commands.ts'
import { commandBlocks } from './commands.ts'
import { headingsOf, PATHS, read } from './repository.ts'

// That the commands do what the page says is tested where they are run, in test/served/operating.slow.test.ts.

const blocks = commandBlocks('docs/operating.md')
const calls = blocks.flatMap(({ line, script }) =>
  [...script.matchAll(/npm run nod -- ([^|;)&\n#]+)/g)].map(([, words = '']) => ({
    line,
    words: words.trim().split(/\s+/),
  })),
)

describe('docs/operating.md', () => {
  it('has commands', () => {
    expect(calls.length).toBeGreaterThan(5)
  })

  it('names commands and options that there are', () => {
    const wrong = calls.flatMap(({ line, words: [name, ...args] }) => {
      const command = COMMANDS.find((one) => one.name === name)
      if (command === undefined) return [`line ${line}: ${name}`]
      try {
        parseArgs({ args: args.filter((one) => !/^[<>]/.test(one)), options: command.options, allowPositionals: true })
        return []
      } catch (error) {
        return [`line ${line}: ${String(error)}`]
      }
    })
    expect(wrong).toEqual([])
  })

  it('says what to do at each alert', () => {
    const alerts = [...read('docs/prometheus-alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name)
    expect(alerts.length).toBeGreaterThan(10)
    const sections = headingsOf(read('docs/operating.md')).filter((heading) => /^Nod[A-Z]\w+$/.test(heading))
    expect(sections.toSorted()).toEqual(alerts.toSorted())
  })

  it('gives a reason for each block of commands that no test runs, and has few of them', () => {
    const excused = blocks.filter(({ excuse }) => excuse !== undefined)
    expect(excused.length).toBeLessThanOrEqual(3)
    for (const { excuse } of excused) expect(excuse?.split(' ').length).toBeGreaterThan(4)
    for (const { elsewhere } of blocks) if (elsewhere !== undefined) expect(PATHS).toContain(elsewhere)
  })
})
