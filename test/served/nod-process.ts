import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { sleep } from '../driver/waiting.ts'

const script = resolve(import.meta.dirname, '../../scripts/start.mjs')

/** A process of `npm start`. */
export class NodProcess {
  readonly #process: ChildProcess
  /** What it has written so far, to both streams. */
  output = ''

  constructor(settings: Record<string, string>) {
    // Without the settings of this machine, and of the npm that runs the tests.
    const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env
    const env = { PATH, HOME, TMPDIR, PORT: '0', ...settings }
    this.#process = spawn(process.execPath, [script], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text))
    }
  }

  /** Returns the address it prints once it serves. Throws with its output if it ends instead. */
  async url(): Promise<string> {
    const printed = (): string | undefined => /Nod serves at (\S+)\n[\s\S]*delivery.*\n/.exec(this.output)?.[1]
    while (printed() === undefined) {
      if (this.#process.exitCode !== null) throw new Error(`It ended with ${this.#process.exitCode}:\n${this.output}`)
      await sleep(20)
    }
    return printed() ?? ''
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }

  /** Waits until it has ended and its output is complete. Returns its exit code. */
  async ended(): Promise<number | null> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, 'close')
    return this.#process.exitCode
  }

  /** The processes it has started: workerd and the watchdog. */
  children(): number[] {
    return processes().flatMap(({ id, parent }) => (parent === this.#process.pid ? [id] : []))
  }
}

/** Returns those of the processes that still run. */
export const stillRunning = (ids: readonly number[]): number[] =>
  processes().flatMap(({ id, state }) => (ids.includes(id) && state !== 'Z' ? [id] : []))

/** Reads /proc, because some Linux systems have no `ps`. */
function processes(): { id: number; parent: number; state: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const [, state = '', parent = ''] = /\) (\S) (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? []
      return [{ id: Number(name), parent: Number(parent), state }]
    } catch {
      return [] // It ended meanwhile.
    }
  })
}
