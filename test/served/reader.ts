/** A reader of a page, who runs its commands from top to bottom in one shell. */
import { spawn } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { root } from '../../scripts/lib/tools.mjs'
import type { OwnNod } from './own-nod.ts'

interface Command {
  readonly heading: string
  readonly line: number
  readonly script: string
}

export class Reader {
  /** A checkout in which the commands leave their files. */
  readonly folder: string
  readonly #nod: OwnNod
  readonly #environment: Readonly<Record<string, string>>

  constructor(nod: OwnNod, environment: Readonly<Record<string, string>> = {}) {
    this.folder = nod.path('reader')
    this.#nod = nod
    this.#environment = environment
    mkdirSync(this.folder)
    for (const name of [
      'package.json',
      'node_modules',
      'client',
      'scripts',
      'src',
      'test',
      'migrations',
      'wrangler.toml',
    ])
      symlinkSync(join(root, name), join(this.folder, name))
  }

  /** Runs commands, and expects that none fails. What they have started in the background is ended. */
  async run(commands: readonly Command[]): Promise<void> {
    const script = commands.map((one) => `echo "--- line ${one.line}: ${one.heading}"\n${one.script}`).join('\n')
    const { code, output } = await this.#shell(script)
    expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' })
  }

  #shell(script: string): Promise<{ code: number | null; output: string }> {
    const PATH = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`
    const env = { ...process.env, ...this.#nod.environment, ...this.#environment, PATH }
    return new Promise((resolve, reject) => {
      const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { cwd: this.folder, env, detached: true })
      let output = ''
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text) => (output += text))
      child.on('error', reject)
      child.on('exit', (code) => {
        try {
          process.kill(-(child.pid ?? 0), 'SIGTERM')
        } catch {
          // Nothing is left of it.
        }
        resolve({ code, output })
      })
    })
  }
}
