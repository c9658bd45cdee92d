import { type Google, googleAt } from './google.ts'
import type { Judgement } from './judgement.ts'
import type { UserSource } from './preparation.ts'
import { readRecording } from './recording.ts'
import { Replay } from './replay.ts'
import { type Mode, startRun } from './run.ts'
import { type Login, Service } from './service.ts'

/** Replays a recording in one mode and judges each exchange, for the test and for the command line. */

export interface Target {
  readonly url: string
  readonly admin: Login
  readonly google: string
  readonly directory?: UserSource
}

export interface JudgedExchange {
  readonly number: number
  readonly label: string
  readonly faults: readonly string[]
}

export async function* replayFile(
  file: string,
  mode: Mode,
  target: Target,
  judgement: Judgement,
): AsyncGenerator<JudgedExchange> {
  const service = new Service(target.url, target.admin)
  const google: Google = googleAt(target.google)
  const place = (label: string): { file: string; label: string; mode: Mode } => ({ file, label, mode })
  const run = startRun(readRecording(file), service, mode, (label) => {
    const isListed = judgement.isSentByAdministrator(place(label))
    if (isListed) judgement.noteSentByAdministrator(place(label))
    return isListed
  })
  const replay = new Replay(run, google)
  await replay.prepare(target.directory ?? 'created')
  let number = 0
  for await (const { label, differences } of replay.exchanges()) {
    yield { number, label, faults: judgement.judge(place(label), differences) }
    number += 1
  }
}
