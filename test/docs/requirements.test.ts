import { describe, expect, it } from 'vitest'
import { read, PATHS } from './repository.ts'

// A requirement is only as proven as the test that is named for it, so a test that is renamed is renamed there too.

const PAGES = ['docs/requirements.md', 'docs/security.md']

interface Row {
  readonly page: string
  readonly cells: readonly string[]
}

/** The rows of a page's tables, without their heads. */
const rowsOf = (page: string): readonly Row[] =>
  read(page)
    .split('\n')
    .filter(
      (line, index, lines) =>
        line.startsWith('| ') && ![line, lines[index + 1] ?? ''].some((one) => one.startsWith('| -')),
    )
    .map((line) => ({ page, cells: line.slice(2, -2).split(' | ') }))

const NAMED = /`(test\/[\w./-]+\.test\.ts)`((?:,? "(?:[^"\\]|\\.)+")+)/g

/** The tests that a text names: a file, and the titles behind it in double quotes. */
const namedIn = (text: string): readonly { readonly file: string; readonly title: string }[] =>
  [...text.matchAll(NAMED)].flatMap(([, file = '', titles = '']) =>
    [...titles.matchAll(/"((?:[^"\\]|\\.)+)"/g)].map(([, title = '']) => ({
      file,
      title: title.replaceAll('\\"', '"'),
    })),
  )

/** Whether the file has a test or group of this title. */
function hasTest(file: string, title: string): boolean {
  if (!PATHS.includes(file)) return false
  const text = read(file)
  return ["'", '"', '`'].some((quote) => {
    const at = text.indexOf(`${quote}${title.replaceAll("'", quote === "'" ? "\\'" : "'")}${quote}`)
    return at > 0 && /(?:\b(?:it|test|describe)|\))\(\s*$/.test(text.slice(0, at))
  })
}

const requirements = rowsOf('docs/requirements.md').filter(({ cells }) => cells.length >= 4)
const isUnmet = ({ cells }: Row): boolean => (cells[2] ?? '').startsWith('**not met**')

describe('a requirement', () => {
  it('is one of about sixty, each named by its number', () => {
    expect(requirements.length).toBeGreaterThan(45)
    const numbers = requirements.map(({ cells: [number = ''] }) => number)
    expect(numbers.filter((one) => !/^(?:V?\d+(?:\.\d+)+(?: \(\d\))?(?:, )?)+$/.test(one))).toEqual([])
    expect(numbers.filter((one) => one.startsWith('V')).length).toBeGreaterThan(20)
  })

  it('is proven by a test, or says why it is not met, which three do at most', () => {
    const unmet = requirements.filter(isUnmet)
    expect(unmet.length).toBeLessThanOrEqual(3)
    expect(unmet.filter(({ cells: [, , why = ''] }) => why.length < 60)).toEqual([])
    const unproven = requirements.filter((row) => !isUnmet(row) && namedIn(row.cells[3] ?? '').length === 0)
    expect(unproven.map(({ cells: [number] }) => number)).toEqual([])
  })
})

describe.each(PAGES)('%s', (page) => {
  it('names tests that there are', () => {
    const named = namedIn(read(page))
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter(({ file, title }) => !hasTest(file, title))).toEqual([])
  })
})
