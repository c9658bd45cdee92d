import { describe, expect, it } from 'vitest'
import { FILES, read } from './repository.ts'

const GLOSSARY = 'docs/glossary.md'

/** The words in backticks in the last column of every table: the glossary says that they are not used. */
const unused: readonly string[] = read(GLOSSARY)
  .split('\n')
  .filter((line) => /^\| (?!---)/.test(line))
  .flatMap((line) => [...(line.split('|').at(-2) ?? '').matchAll(/`([^`]+)`/g)].map(([, word = '']) => word))

interface Exported {
  readonly path: string
  readonly name: string
}

/** Types, classes, functions and constants that a file of src exports where it declares them. */
const exported: readonly Exported[] = FILES.filter(({ path }) => path.startsWith('src/')).flatMap(({ path, text }) =>
  [
    ...text.matchAll(
      /^export (?:declare )?(?:abstract )?(?:async )?(?:type|interface|class|function\*?|const) (\w+)/gm,
    ),
  ].map(([, name = '']) => ({ path, name })),
)

/** The words of a name: `LoginReply` has `login` and `reply`, `UNANSWERED` is one. */
const wordsOf = (name: string): readonly string[] =>
  name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .split(/[ _]/)
    .map((word) => word.toLowerCase())

/** Whether the words of a name contain those of another, in order and side by side. */
function contains(name: string, unwanted: string): boolean {
  const words = wordsOf(name)
  const wanted = wordsOf(unwanted)
  return words.some((_, at) => wanted.every((word, offset) => words[at + offset] === word))
}

describe('the glossary', () => {
  it('is read at all', () => {
    expect(unused.length).toBeGreaterThan(20)
    expect(exported.length).toBeGreaterThan(400)
  })

  it('marks no word as unused that it uses as a term', () => {
    const terms = [...read(GLOSSARY).matchAll(/^\| ([^|]+?) \|/gm)].map(([, term = '']) => term)
    expect(unused.filter((word) => terms.includes(word))).toEqual([])
  })

  it('is followed by the names that the sources export', () => {
    const faults = exported.flatMap(({ path, name }) =>
      unused.filter((word) => contains(name, word)).map((word) => `${path}: ${name} (${word})`),
    )
    expect(faults).toEqual([])
  })
})
