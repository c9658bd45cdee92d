import { DurableObject } from 'cloudflare:workers'
import { connect, now } from './connect.ts'
import { makeApp } from './http/app.ts'
import { CounterKeeper } from './objects/counter.ts'
import { PhoneKeeper } from './objects/phone.ts'
import { TransactionsShard } from './objects/transactions.ts'
import type { CounterObject, TransactionsObject } from './ports/objects.ts'
import type { PhoneObject } from './ports/phone-object.ts'

// The runtime makes objects itself: these only hand every call over to the code in `objects/`. A method is a line
// here because what can be called over RPC is what stands on the class.
type Asked<Object, Verb extends keyof Object> = Object[Verb] extends (...asked: infer Arguments) => unknown
  ? Arguments
  : never

/** One phone, by its token's serial. */
export class Phone extends DurableObject<Env> implements PhoneObject {
  readonly #phone = connect(this.env).then((ports) => new PhoneKeeper(this.ctx, ports))

  async ring(...asked: Asked<PhoneObject, 'ring'>) {
    return (await this.#phone).ring(...asked)
  }
  async release(...asked: Asked<PhoneObject, 'release'>) {
    return (await this.#phone).release(...asked)
  }
  async move(...asked: Asked<PhoneObject, 'move'>) {
    return (await this.#phone).move(...asked)
  }
  async poll(...asked: Asked<PhoneObject, 'poll'>) {
    return (await this.#phone).poll(...asked)
  }
  async offer(...asked: Asked<PhoneObject, 'offer'>) {
    return (await this.#phone).offer(...asked)
  }
  async verify(...asked: Asked<PhoneObject, 'verify'>) {
    return (await this.#phone).verify(...asked)
  }
  async finish(...asked: Asked<PhoneObject, 'finish'>) {
    return (await this.#phone).finish(...asked)
  }
  async countFailure(...asked: Asked<PhoneObject, 'countFailure'>) {
    return (await this.#phone).countFailure(...asked)
  }
  async quarantine(...asked: Asked<PhoneObject, 'quarantine'>) {
    return (await this.#phone).quarantine(...asked)
  }
  async reset(...asked: Asked<PhoneObject, 'reset'>) {
    return (await this.#phone).reset(...asked)
  }
  async changing(...asked: Asked<PhoneObject, 'changing'>) {
    return (await this.#phone).changing(...asked)
  }
  async changed(...asked: Asked<PhoneObject, 'changed'>) {
    return (await this.#phone).changed(...asked)
  }
  async openRings(...asked: Asked<PhoneObject, 'openRings'>) {
    return (await this.#phone).openRings(...asked)
  }
  async counters(...asked: Asked<PhoneObject, 'counters'>) {
    return (await this.#phone).counters(...asked)
  }
  override async alarm() {
    return (await this.#phone).alarm()
  }
}

/** One shard of a region's open logins. */
export class Transactions extends DurableObject<Env> implements TransactionsObject {
  readonly #shard = connect(this.env).then((ports) => TransactionsShard.wake(this.ctx, ports))

  async open(...asked: Asked<TransactionsObject, 'open'>) {
    return (await this.#shard).open(...asked)
  }
  async standing(...asked: Asked<TransactionsObject, 'standing'>) {
    return (await this.#shard).watch.standing(...asked)
  }
  async leave(...asked: Asked<TransactionsObject, 'leave'>) {
    return (await this.#shard).watch.leave(...asked)
  }
  async told(...asked: Asked<TransactionsObject, 'told'>) {
    return (await this.#shard).watch.told(...asked)
  }
  async timeline(...asked: Asked<TransactionsObject, 'timeline'>) {
    return (await this.#shard).watch.timeline(...asked)
  }
  async conclude(...asked: Asked<TransactionsObject, 'conclude'>) {
    return (await this.#shard).holding.conclude(...asked)
  }
  async hangUp(...asked: Asked<TransactionsObject, 'hangUp'>) {
    return (await this.#shard).holding.hangUp(...asked)
  }
  async answer(...asked: Asked<TransactionsObject, 'answer'>) {
    return (await this.#shard).answer(...asked)
  }
  async finalize(...asked: Asked<TransactionsObject, 'finalize'>) {
    return (await this.#shard).finalize(...asked)
  }
  async registered(...asked: Asked<TransactionsObject, 'registered'>) {
    return (await this.#shard).registered(...asked)
  }
  async mayCancel(...asked: Asked<TransactionsObject, 'mayCancel'>) {
    return (await this.#shard).mayCancel(...asked)
  }
  async cancelled(...asked: Asked<TransactionsObject, 'cancelled'>) {
    return (await this.#shard).cancelled(...asked)
  }
  async prompts(...asked: Asked<TransactionsObject, 'prompts'>) {
    return (await this.#shard).prompts(...asked)
  }
  async withdraw(...asked: Asked<TransactionsObject, 'withdraw'>) {
    return (await this.#shard).withdraw(...asked)
  }
  async withdrawKey(...asked: Asked<TransactionsObject, 'withdrawKey'>) {
    return (await this.#shard).withdrawKey(...asked)
  }
  async challenges(...asked: Asked<TransactionsObject, 'challenges'>) {
    return (await this.#shard).listing.challenges(...asked)
  }
  async discard(...asked: Asked<TransactionsObject, 'discard'>) {
    return (await this.#shard).listing.discard(...asked)
  }
  async discardExpired(...asked: Asked<TransactionsObject, 'discardExpired'>) {
    return (await this.#shard).listing.discardExpired(...asked)
  }
  async record(...asked: Asked<TransactionsObject, 'record'>) {
    return (await this.#shard).record(...asked)
  }
  async unsettledPage(...asked: Asked<TransactionsObject, 'unsettledPage'>) {
    return (await this.#shard).unsettledPage(...asked)
  }
  async unsettled(...asked: Asked<TransactionsObject, 'unsettled'>) {
    return (await this.#shard).unsettled(...asked)
  }
  override async alarm() {
    return (await this.#shard).alarm()
  }
}

/** Events in windows, by name. */
export class Counter extends DurableObject<Env> implements CounterObject {
  readonly #counter = connect(this.env).then((ports) => new CounterKeeper(this.ctx, ports))

  async count(...asked: Asked<CounterObject, 'count'>) {
    return (await this.#counter).count(...asked)
  }
  async forget(...asked: Asked<CounterObject, 'forget'>) {
    return (await this.#counter).forget(...asked)
  }
  async take(...asked: Asked<CounterObject, 'take'>) {
    return (await this.#counter).quotas.take(...asked)
  }
  async giveBack(...asked: Asked<CounterObject, 'giveBack'>) {
    return (await this.#counter).quotas.giveBack(...asked)
  }
  async hasRoom(...asked: Asked<CounterObject, 'hasRoom'>) {
    return (await this.#counter).quotas.hasRoom(...asked)
  }
  override async alarm() {
    return (await this.#counter).alarm()
  }
}

export default { fetch: makeApp(connect, now) } satisfies ExportedHandler<Env>
