import type { Ports } from '../ports/ports.ts'
import type { RequestOf, TransactionsObject } from '../ports/transactions-object.ts'
import { answerText } from '../protocol/phone/signed-texts.ts'
import { present } from '../present.ts'
import { done, type Outcome, refuse } from '../refusal.ts'
import { applyAnswer, type VerifiedAnswer } from '../rules/login/answering.ts'
import { reportedLogin } from '../rules/login/reported-login.ts'
import { type Challenge, isAnswerable, type PhoneReply, type Transaction } from '../rules/login/transaction.ts'
import { addSeconds, type Owner, type Serial } from '../vocabulary.ts'
import { answerDigest, isSignedByPhone, matchesChallenge } from './answers.ts'
import type { FraudOutbox } from './fraud-outbox.ts'
import { type Login, RETRY_TIME } from './stored-login.ts'
import type { LoginStore } from './login-store.ts'

const UNHEARD: PhoneReply = { accepted: false, unmatched: true }

/** Applies what phones answer to the shard's logins. */
export class Answering implements Pick<TransactionsObject, 'answer'> {
  readonly #ports: Pick<Ports, 'phones' | 'now'>
  readonly #store: LoginStore
  readonly #reports: FraudOutbox
  readonly #background: (work: Promise<unknown>) => void

  constructor(
    ports: Pick<Ports, 'phones' | 'now'>,
    store: LoginStore,
    reports: FraudOutbox,
    background: (work: Promise<unknown>) => void,
  ) {
    this.#ports = ports
    this.#store = store
    this.#reports = reports
    this.#background = background
  }

  async answer({ id, answer }: RequestOf<'answer'>): Promise<Outcome<PhoneReply>> {
    const before = this.#store.get(id)?.transaction
    const challenge = before?.challenges.find((one) => matchesChallenge(answer, one))
    if (before === undefined || challenge === undefined) return done(UNHEARD)
    // Where no number was shown, no valid answer names one.
    if (answer.presence !== undefined && challenge.mode !== 'presence') return done(UNHEARD)
    const verified: VerifiedAnswer = { ...answer, digest: await answerDigest(answer) }
    if (challenge.answer?.digest === verified.digest) return done(challenge.answer.reply)
    if (!isAnswerable(before, challenge, this.#ports.now())) return done(UNHEARD)
    const text = answerText(challenge.nonce, challenge.serial, answer)
    if (!(await isSignedByPhone(challenge.phoneKey, text, answer.signature))) return done(UNHEARD)

    if (before.notice !== undefined) {
      const taken = await this.#answerNotice(before.notice.id, before.owner, challenge, verified)
      if (!taken.ok) return taken
      if (!taken.value) return done(UNHEARD)
    }
    // Verifying took an await, in which the login may have been declined or withdrawn: the answer is applied to the login as it
    // is now, and the result written before the next await.
    const login = this.#store.get(id)
    if (login === undefined) return done(UNHEARD)
    const result = applyAnswer(login.transaction, challenge.nonce, verified, this.#ports.now())
    if (result.transaction !== login.transaction) this.#save(login, result.transaction, challenge.serial)
    if (result.isFailedAttempt)
      this.#background(
        this.#ports.phones
          .of(challenge.serial)
          .countFailure({ transaction: id, serviceKey: login.transaction.service }),
      )
    return done(result.reply)
  }

  /** Writes the answered login and, if the decline is a fraud report, the report. */
  #save(login: Login, transaction: Transaction, serial: Serial): void {
    this.#store.save({ ...login, transaction })
    const reported = reportedLogin(transaction, serial)
    if (reported === undefined) return
    this.#reports.add(reported)
    this.#store.setAlarmBy(addSeconds(this.#ports.now(), RETRY_TIME))
    this.#background(this.#reports.send())
  }

  /** Hands the answer to a notice to the phone's object first. The object decides whether this phone may still answer, keeps the answer, and
   *  undoes a declined change. "Me, but stop" undoes nothing. */
  async #answerNotice(
    notice: string,
    owner: Owner | undefined,
    { serial, phoneKey, revision, epoch }: Challenge,
    { decline, reason, origin }: VerifiedAnswer,
  ): Promise<Outcome<boolean>> {
    const answer = { notice, declined: decline && reason !== 'cancelled', phoneKey, ...present({ origin }) }
    const taken = await this.#ports.phones.of(serial).answerNotice({ ...answer, opened: { epoch, revision, owner } })
    // A copy: returning another object's reply as it came would keep this call open.
    return taken.ok ? done(taken.value) : refuse(taken.refusal)
  }
}
