import type { Ports } from '../ports/ports.ts'
import { present } from '../present.ts'
import type { ReportedLogin } from '../rules/login/reported-login.ts'
import { isSameOwner } from '../rules/token/token.ts'
import type { Owner, Serial, TransactionId } from '../vocabulary.ts'
import { REPORT_CONSEQUENCES, type ReportConsequence } from '../vocabulary/fraud-reports.ts'

type FraudPorts = Pick<Ports, 'phones' | 'journal' | 'log'>

const PREFIX = 'fraud:'

/** A fraud report that has not reached everybody yet. */
interface PendingReport {
  readonly login: ReportedLogin
  /** The phones that have the report, each with the consequence there. */
  readonly heard: Readonly<Record<Serial, ReportConsequence>>
}

/** Keeps the fraud reports of a shard until every phone of the login and the journal have them. A report is written in the turn that writes
 *  the decline, so none is lost. It is sent again until it has arrived; a phone counts it once. */
export class FraudOutbox {
  readonly #kv: SyncKvStorage
  readonly #ports: FraudPorts
  readonly #pending: Map<TransactionId, PendingReport>
  readonly #sending = new Set<TransactionId>()

  constructor(kv: SyncKvStorage, ports: FraudPorts) {
    this.#kv = kv
    this.#ports = ports
    const stored = [...kv.list<PendingReport>({ prefix: PREFIX })]
    this.#pending = new Map(stored.map(([, one]) => [one.login.transaction, one]))
  }

  get isEmpty(): boolean {
    return this.#pending.size === 0
  }

  /** How many reports about this user's logins are still to be sent. */
  countOf(owner: Owner): number {
    return [...this.#pending.values()].filter(({ login }) => isSameOwner(login.owner, owner)).length
  }

  /** Stores the report, in the turn of the caller. */
  add(login: ReportedLogin): void {
    this.#save({ login, heard: {} })
  }

  /** Sends all reports that are not being sent already. Never throws. */
  async send(): Promise<void> {
    const waiting = [...this.#pending.keys()].filter((id) => !this.#sending.has(id))
    await Promise.all(
      waiting.map(async (id) => {
        this.#sending.add(id)
        try {
          await this.#tell(id)
        } catch (error) {
          this.#ports.log('fraud_report_failed', { transaction: id, error: String(error) })
        } finally {
          this.#sending.delete(id)
        }
      }),
    )
  }

  async #tell(id: TransactionId): Promise<void> {
    const before = this.#pending.get(id)
    if (before === undefined) return
    const { login } = before
    const missing = login.phones.filter(({ serial }) => before.heard[serial] === undefined)
    const answers = await Promise.all(missing.map((phone) => this.#tellPhone(login, phone)))
    const heard = { ...before.heard, ...Object.assign({}, ...answers) }
    if (login.phones.some(({ serial }) => heard[serial] === undefined)) return this.#save({ login, heard })
    const reported = await this.#tellAdministrators(login, Object.values(heard))
    if (!reported) return this.#save({ login, heard })
    this.#pending.delete(id)
    this.#kv.delete(PREFIX + id)
  }

  /** Answers the consequence at this phone; nothing if the report has to be sent again. */
  async #tellPhone(login: ReportedLogin, phone: ReportedLogin['phones'][number]): Promise<PendingReport['heard']> {
    const { transaction, at, place, hasPin } = login
    const { serial, ...state } = phone
    const told = await this.#ports.phones.of(serial).reportFraud({ transaction, at, place, hasPin, ...state })
    return told.ok ? { [serial]: told.value } : {}
  }

  async #tellAdministrators(login: ReportedLogin, consequences: readonly ReportConsequence[]): Promise<boolean> {
    const { transaction, at, serial, owner, service, address, hasPin } = login
    const consequence = REPORT_CONSEQUENCES.findLast((one) => consequences.includes(one)) ?? 'none'
    const reported = await this.#ports.journal.reportEvent({
      type: 'not_me',
      id: `not_me:${transaction}`,
      at,
      transaction,
      serial,
      ...present({ owner, service, address }),
      pinKnown: hasPin,
      consequence,
    })
    return reported.ok
  }

  #save(report: PendingReport): void {
    this.#pending.set(report.login.transaction, report)
    this.#kv.put(PREFIX + report.login.transaction, report)
  }
}
