/** The commands of the pages for operators, integrators, auditors and authors of phones. A comment before a block says in which
 *  situation it is run (`runs: <scene>`), by which other test (`run by: <file>`), or, with its reason, that it is not
 *  (`not run: <reason>`). */
import { read } from './repository.ts'

export interface CommandBlock {
  readonly heading: string
  readonly line: number
  /** What follows the three backticks: `sh`, `ts`, `python`, … */
  readonly language: string
  /** Undefined: a Nod that serves, with what the page has made so far. */
  readonly scene: string | undefined
  /** Why it is not run. */
  readonly excuse: string | undefined
  /** The test that runs it, where that is not the one of the page. */
  readonly elsewhere: string | undefined
  readonly script: string
}

/** The commands of a page; with `languages`, its blocks of these. */
export function commandBlocks(page: string, languages: readonly string[] = ['sh']): readonly CommandBlock[] {
  const blocks: CommandBlock[] = []
  const lines = read(page).split('\n')
  let heading = ''
  let scene: string | undefined
  let excuse: string | undefined
  let elsewhere: string | undefined
  for (const [at, line] of lines.entries()) {
    heading = /^#+ (.*)/.exec(line)?.[1] ?? heading
    scene = /^<!-- runs: (.+) -->$/.exec(line)?.[1] ?? scene
    excuse = /^<!-- not run: (.+) -->$/.exec(line)?.[1] ?? excuse
    elsewhere = /^<!-- run by: ([^ ,]+).* -->$/.exec(line)?.[1] ?? elsewhere
    const language = /^```(\w+)$/.exec(line)?.[1]
    if (language === undefined || !languages.includes(language)) continue
    const end = lines.indexOf('```', at)
    const script = lines.slice(at + 1, end).join('\n')
    blocks.push({ heading, line: at + 1, language, scene, excuse, elsewhere, script })
    scene = excuse = elsewhere = undefined
  }
  return blocks
}
