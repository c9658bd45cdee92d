import { dirname, join, matchesGlob } from 'node:path'
import { describe, expect, it } from 'vitest'
import { anchorsOf, type File, FILES, headingsOf, PAGES, PATHS, read, withoutCode } from './repository.ts'

// A comment that cites a page nobody has, or a heading that was renamed, says less than no comment.

const THIS = 'test/docs/citations.test.ts'
const others = FILES.filter(({ path }) => path !== THIS)
const code = others.filter(({ path }) => !path.endsWith('.md'))
const headings = new Map(PAGES.map(({ path, text }) => [path, headingsOf(text)]))

/** All matches of a pattern that the judge finds fault with, as `path: match`. */
const faults = (files: readonly File[], pattern: RegExp, isFault: (match: RegExpExecArray, path: string) => boolean) =>
  files.flatMap(({ path, text }) =>
    [...text.matchAll(pattern)].filter((match) => isFault(match, path)).map(([all]) => `${path}: ${all.trim()}`),
  )

/** A comment's text in one line each: where a citation is broken over two lines, the sign of the comment is not part of it. */
const unbroken = (file: File): File => ({ ...file, text: file.text.replaceAll(/\n\s*(?:\/\/|\*|#|--)? ?/g, ' ') })

describe('citations', () => {
  it('are read at all', () => {
    expect(PAGES.length).toBeGreaterThan(20)
    expect(code.length).toBeGreaterThan(300)
    expect(PATHS.filter((path) => path.startsWith('test/golden/')).length).toBeGreaterThan(20)
  })

  it('name pages that there are', () => {
    const wrong = faults(others, /\bdocs\/(?:[\w-]+\/)*[\w-]+\.md\b/g, ([page]) => !PATHS.includes(page))
    expect(wrong).toEqual([])
  })

  it('name headings that there are', () => {
    const cited = /\b(docs\/(?:[\w-]+\/)*[\w-]+\.md),? ((?:(?:, | and )?"[^"\n]+")+)/g
    const wrong = faults(others.map(unbroken), cited, ([, page = '', list = '']) =>
      [...list.matchAll(/"([^"]+)"/g)].some(([, name = '']) => headings.get(page)?.includes(name) !== true),
    )
    expect(wrong).toEqual([])
  })

  it('name decisions that there are', () => {
    const numbers = PATHS.flatMap((path) => /^docs\/decisions\/(\d{4})-/.exec(path)?.[1] ?? [])
    const wrong = faults(
      others.map(unbroken),
      /\b(?:decisions?[ /]|and )(\d{4})\b(?!-\d\d)/g,
      ([all, number = '']) => !(all.startsWith('and') ? true : numbers.includes(number)),
    )
    expect(wrong).toEqual([])
  })

  it('name recordings that there are', () => {
    const recordings = PATHS.flatMap((path) => /^test\/golden\/([\w-]+)\.json$/.exec(path)?.[1] ?? [])
    const isThere = (name: string): boolean =>
      recordings.some((one) => one === name || one.startsWith(`${name}-`) || one.startsWith(`${name.slice(0, 2)}-`))
    const wrong = faults(
      others.map(unbroken),
      /\bgolden[ /](\d\d(?:-[a-z0-9-]+)?)(?:\.json)?((?:(?:,| and) \d\d-[a-z0-9-]+)*)/g,
      ([, first = '', more = '']) =>
        [first, ...more.split(/(?:,| and) /).filter(Boolean)].some((name) =>
          name.length === 2 ? !isThere(name) : !recordings.includes(name),
        ),
    )
    expect(wrong).toEqual([])
  })

  it('name nothing that a reader of this repository does not have', () => {
    const elsewhere =
      /\b(?:contract|observed|design|platform|style)\.md\b|\b(?:contract|observed|platform|design) (?:\d|§|")|\bshared\/|\b(?:Source: |see )(?:the )?(?:contract|observed|design)\b/gi
    expect(faults(others, elsewhere, () => true)).toEqual([])
  })
})

describe('pages', () => {
  it('link to what there is', () => {
    const wrong = PAGES.flatMap(({ path, text }) =>
      [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !/^[a-z]+:/.test(link) && !leads(path, link))
        .map((link) => `${path}: ${link}`),
    )
    expect(wrong).toEqual([])
  })

  it('name files that there are', () => {
    const named =
      /`((?:[\w.*{},-]+\/)*[\w.*{},-]+\.(?:ts|mjs|sh|sql|toml)|(?:src|test|scripts|bench|docs|migrations)\/[\w./*{},-]*)`/g
    expect(faults(PAGES, named, ([, name = '']) => !isFile(name))).toEqual([])
  })

  it('name commands that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> }
    const wrong = faults(others, /\bnpm run ([a-z][\w:-]*)/g, ([, name = '']) => !Object.hasOwn(scripts, name))
    expect(wrong).toEqual([])
  })

  it('name functions of the sources that there are, where they write them as calls', () => {
    const sources = FILES.filter(({ path }) => path.startsWith('src/')).map(({ text }) => text)
    const isThere = (name: string): boolean =>
      sources.some((text) =>
        new RegExp(`\\b(?:function|const|async|class) \\*?${name}\\b|^\\s+#?(?:async )?${name}\\(`, 'm').test(text),
      )
    expect(faults(PAGES, /`(?:[\w]+\.)?([a-z]\w+)\(\)`/g, ([, name = '']) => !isThere(name))).toEqual([])
  })
})

describe('pages and tests', () => {
  it('name verbs of objects that there are', () => {
    const tables = FILES.filter(({ path }) => /^src\/ports\/(?:\w+-object|phone-move)\.ts$/.test(path)).map(
      ({ text }) => text,
    )
    const verbs = tables.flatMap((text) => [...text.matchAll(/^ {2}(\w+): verb</gm)].map(([, name = '']) => name))
    expect(verbs.length).toBeGreaterThan(30)
    const named = /[`'](?:Phone|Transactions|Counter)\.(\w+)[`']/g
    expect(faults(others, named, ([, name = '']) => name !== 'alarm' && !verbs.includes(name))).toEqual([])
  })
})

describe('comments', () => {
  it('name reasons that there are, and functions where something refuses as those do', () => {
    const sources = FILES.filter(({ path }) => path.startsWith('src/'))
    const all = sources.map(({ text }) => text).join('\n')
    const reasons = new Set([...read('src/refusal.ts').matchAll(/reason: '(\w+)'/g)].map(([, reason]) => reason))
    expect(reasons.size).toBeGreaterThan(50)
    const isThere = (name: string): boolean =>
      reasons.has(name) ||
      new RegExp(`(?:function|const) \\*?${name}\\b|\\b${name}(?:: verb<|\\()|readonly ${name}\\b`).test(all)
    const refuses = /Refuses: (?:as )?((?:`[\w.]+`(?:, | and |; )?)+)/g
    const wrong = faults(sources.map(unbroken), refuses, ([, list = '']) =>
      [...list.matchAll(/`(?:\w+\.)?(\w+)`/g)].some(([, name = '']) => !isThere(name)),
    )
    expect(wrong).toEqual([])
  })

  it('name files that there are', () => {
    const named = /^.*(?:\/\/|\*|#|--) .*$/gm
    const wrong = code.flatMap(({ path, text }) =>
      [...text.matchAll(named)].flatMap(([line]) =>
        [...line.matchAll(/`((?:[\w.*-]+\/)*[\w*-]+(?:\.[\w-]+)*\.(?:ts|mjs|sql|sh))`/g)]
          .filter(([, name = '']) => !isFile(name))
          .map(([, name]) => `${path}: ${name}`),
      ),
    )
    expect(wrong).toEqual([])
  })
})

/** Whether a link in a page leads to a file, and to a heading of it where it names one. */
function leads(from: string, link: string): boolean {
  const [file = '', anchor] = link.split('#')
  const target = file === '' ? from : join(dirname(from), file)
  if (!PATHS.includes(target) && !PATHS.some((path) => path.startsWith(target.replace(/\/?$/, '/')))) return false
  return anchor === undefined || anchorsOf(read(target)).includes(anchor)
}

/** Whether a name is a file, or a folder, or the end of a file's path; `*` and `{a,b}` as a shell reads them. */
function isFile(name: string): boolean {
  const folder = name.replace(/\/$/, '')
  if (name.startsWith('../')) return isFile(name.replace(/^(?:\.\.\/)+/, ''))
  return PATHS.some(
    (path) =>
      path === name ||
      path.startsWith(`${folder}/`) ||
      path.includes(`/${folder}/`) ||
      path.endsWith(`/${name}`) ||
      matchesGlob(path, name) ||
      matchesGlob(path, `**/${name}`),
  )
}
