import { judgeAnswer, repeatFault } from './answer.ts'
import { firstTries, judgeMessages, messagesByExchange, nonceOf } from './fcm-messages.ts'
import { pauseBefore, recordedStart } from './clock.ts'
import type { Difference } from './compare.ts'
import { type CapturedMessage, type Google, waitForMessages } from './google.ts'
import type { HttpResponse } from './http.ts'
import { carryOut, cleanUp, type UserSource, enroll, makeUsers, setOldWays } from './preparation.ts'
import { type Exchange, type Json, type Recording, SHOWS_POLICIES } from './recording.ts'
import { liveRequest } from './request.ts'
import type { Run } from './run.ts'
import { SetupError } from './service.ts'

/** Replays one recording on one server, exchange by exchange. */

export interface ReplayedExchange {
  readonly label: string
  readonly differences: readonly Difference[]
}

/** An exchange that was sent; its answer may not have come yet. */
interface SentExchange {
  readonly answer: Promise<HttpResponse> | undefined
  readonly differences: Difference[]
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

export class Replay {
  readonly #run: Run
  readonly #google: Google
  readonly #sent = new Map<number, SentExchange>()
  readonly #messages: ReturnType<typeof messagesByExchange>
  /** Steps before the first exchange that the server refused; they are differences of that exchange. */
  readonly #setupFaults: Difference[] = []
  #setupsDone = 0
  #googleAnswer: string | number = 'ok'
  readonly #noncesSeen = new Set<Json>()

  constructor(run: Run, google: Google) {
    this.#run = run
    this.#google = google
    this.#messages = messagesByExchange(run.recording)
  }

  async prepare(directory: UserSource): Promise<void> {
    const { recording, service, translation, serverKeys } = this.#run
    await cleanUp(service, directory)
    if (directory === 'created') {
      await makeUsers(service)
      if (!SHOWS_POLICIES.has(recording.file)) await setOldWays(service)
    }
    await this.#google.clear()
    this.#setupFaults.push(...(await this.#setUp(0)))
    for (const token of recording.tokens) {
      const { credential, publicKey } = await enroll(service, token, recording)
      translation.learn('credential', token.enrollment_credential, credential)
      if (publicKey === undefined) continue
      translation.learn('key', token.server_public_key ?? '', publicKey)
      serverKeys.set(token.serial, publicKey)
    }
  }

  async *exchanges(): AsyncGenerator<ReplayedExchange> {
    const { exchanges } = this.#run.recording
    for (const [index, exchange] of exchanges.entries()) {
      for (const earlier of openRequestsBefore(exchanges, index))
        if (!this.#sent.has(earlier)) await this.#sendOpenRequest(earlier)
      if (staysOpen(exchange) && !this.#sent.has(index)) await this.#sendOpenRequest(index)
      const sent = this.#sent.get(index) ?? (await this.#send(index))
      yield { label: exchange.label, differences: await this.#judge(index, exchange, sent) }
    }
    const late = await this.#firstTries(0)
    if (late.length > 0)
      yield { label: 'after the last exchange', differences: judgeMessages(this.#run, [], late).differences }
  }

  /** Sends a request that stays open, before the requests that happened while it was open, and collects its messages. */
  async #sendOpenRequest(index: number): Promise<void> {
    const sent = await this.#send(index)
    if (sent.answer) sent.differences.push(...(await this.#collectMessages(index)))
  }

  async #send(index: number): Promise<SentExchange> {
    const before = Date.now()
    const differences = [...this.#setupFaults.splice(0), ...(await this.#setUp(index))]
    await pause(Math.max(0, pauseBefore(this.#run.recording.exchanges, index) - (Date.now() - before)))
    const request = await liveRequest(this.#run, index)
    await this.#setGoogleAnswer(index)
    const refused = 'refused' in request
    if (refused) differences.push({ path: ['request'], expected: 'as recorded', got: request.refused })
    const sent = { answer: refused ? undefined : this.#run.service.send(request), differences }
    this.#sent.set(index, sent)
    return sent
  }

  /** A delivery that failed in the recording fails here, and so do the server's further tries, until another answer is
   *  recorded. */
  async #setGoogleAnswer(index: number): Promise<void> {
    const answer = this.#messages[index]?.[0]?.answered
    if (answer === undefined || answer === this.#googleAnswer) return
    const steps = this.#run.recording.setup.filter((step) => step.before_exchange <= index)
    const last = steps.findLast((step) => step.step?.startsWith('Google '))
    await this.#google.answerAll(answer, last?.step?.includes('UNREGISTERED') ?? false)
    this.#googleAnswer = answer
  }

  async #setUp(index: number): Promise<Difference[]> {
    const steps = this.#run.recording.setup.filter((step) => step.before_exchange <= index).slice(this.#setupsDone)
    const differences: Difference[] = []
    for (const step of steps) {
      this.#setupsDone += 1
      try {
        await carryOut(this.#run.service, step)
      } catch (error) {
        if (!(error instanceof SetupError)) throw error
        differences.push({ path: ['setup'], expected: JSON.stringify(step), got: error.message })
      }
    }
    return differences
  }

  async #collectMessages(index: number): Promise<Difference[]> {
    const recorded = this.#messages[index] ?? []
    const live = await this.#firstTries(recorded.length)
    const { differences, repeats } = judgeMessages(this.#run, recorded, live)
    return [...differences, ...repeats.map(repeatFault)]
  }

  /** The new messages, as soon as there are `count` of them. How often a server tries one again is not compared. */
  async #firstTries(count: number): Promise<readonly CapturedMessage[]> {
    const messages = await waitForMessages(this.#google, (all) => firstTries(all, this.#noncesSeen).length >= count)
    const tries = firstTries(messages, this.#noncesSeen)
    for (const message of tries) this.#noncesSeen.add(nonceOf(message))
    return tries
  }

  async #judge(
    index: number,
    exchange: Exchange,
    { answer, differences }: SentExchange,
  ): Promise<readonly Difference[]> {
    if (!answer) return differences
    const judged = [...judgeAnswer(this.#run, exchange, await answer), ...differences]
    return staysOpen(exchange) ? judged : [...judged, ...(await this.#collectMessages(index))]
  }
}

const staysOpen = (exchange: Exchange): boolean => exchange.note?.includes('stayed open') ?? false

/** Exchanges that were sent before this one and are listed later, where their answer came. */
function openRequestsBefore(exchanges: Recording['exchanges'], index: number): number[] {
  const current = exchanges[index]
  const start = (current && recordedStart(current)) ?? 0
  return exchanges.flatMap((exchange, position) =>
    position > index && staysOpen(exchange) && (recordedStart(exchange) ?? Infinity) < start ? [position] : [],
  )
}
