import { describe, expect, it } from 'vitest'
import { recipes } from '../../console/src/pages/keys/recipes.ts'
import { commandBlocks } from './commands.ts'
import { read } from './repository.ts'

// That the settings and commands do what the page says is tested in test/served/integrating.slow.test.ts.

const page = read('docs/integrating.md')
const shown = recipes('https://nod.example', '<key>')

describe('docs/integrating.md', () => {
  it('has the settings that the console shows with a new key', () => {
    const blocks = commandBlocks('docs/integrating.md', ['text', 'ini', 'php', 'java']).map(({ script }) => script)
    const settings = shown.filter(({ name }) => name !== 'curl')
    expect(settings.map(({ text }) => text).toSorted()).toEqual(blocks.toSorted())
    for (const { name } of settings) expect(page).toContain(name)
  })

  it('opens a login as the console says', () => {
    const curl = shown.find(({ name }) => name === 'curl')?.text.replaceAll(/ \\\n */g, ' ') ?? expect.unreachable()
    const commands = page
      .replaceAll('"', "'")
      .replaceAll('$NOD_URL', 'https://nod.example')
      .replaceAll('$NOD_KEY', '<key>')
    expect(commands.replaceAll(/'(https:\S+)'/g, '$1')).toContain(curl)
  })
})
