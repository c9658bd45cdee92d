/** The commands of docs/operating.md. A comment before a block says in which situation it is run (`runs: <scene>`), or, with
 *  its reason, that it is not (`not run: <reason>`). */
import { read } from './repository.ts'

export interface CommandBlock {
  readonly heading: string
  readonly line: number
  /** Undefined: a Nod that serves, with the backups of the page. */
  readonly scene: string | undefined
  /** Why it is not run. */
  readonly excuse: string | undefined
  readonly script: string
}

export function commandBlocks(): readonly CommandBlock[] {
  const blocks: CommandBlock[] = []
  const lines = read('docs/operating.md').split('\n')
  let heading = ''
  let scene: string | undefined
  let excuse: string | undefined
  for (const [at, line] of lines.entries()) {
    heading = /^#+ (.*)/.exec(line)?.[1] ?? heading
    scene = /^<!-- runs: (.+) -->$/.exec(line)?.[1] ?? scene
    excuse = /^<!-- not run: (.+) -->$/.exec(line)?.[1] ?? excuse
    if (line !== '```sh') continue
    const end = lines.indexOf('```', at)
    blocks.push({ heading, line: at + 1, scene, excuse, script: lines.slice(at + 1, end).join('\n') })
    scene = excuse = undefined
  }
  return blocks
}
