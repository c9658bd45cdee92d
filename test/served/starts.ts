/** Starts Nod as `npm start` does, in a state folder of its own for each test. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { NodProcess } from './nod-process.ts'

let folder = ''
const started: NodProcess[] = []

export function start(settings: Record<string, string> = {}): NodProcess {
  const nod = new NodProcess({ NOD_STATE: folder, ...settings })
  started.push(nod)
  return nod
}

/** Makes the folder before each test of the file, and removes it afterwards with all that was started. */
export function startsInFolders(): void {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'nod-start-'))
  })
  afterEach(async () => {
    for (const nod of started.splice(0)) {
      nod.kill('SIGTERM')
      await nod.ended()
    }
    rmSync(folder, { recursive: true, force: true })
  })
}

export const secretsFile = () => join(folder, 'secrets.json')
export const secrets = (): Record<string, string> => JSON.parse(readFileSync(secretsFile(), 'utf8'))

export async function call(url: string, form?: Record<string, string>, token?: string) {
  const answer = await fetch(url, {
    ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    headers: token === undefined ? {} : { Authorization: token },
  })
  const { result } = (await answer.json()) as { result: { value: Record<string, string> } }
  return { status: answer.status, value: result.value }
}
