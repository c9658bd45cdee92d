import type { Ports } from '../ports/ports.ts'
import type { TransactionsObject } from '../ports/transactions-object.ts'
import { done } from '../refusal.ts'
import { Answering } from './answering.ts'
import { ChallengeList } from './challenge-list.ts'
import { Courier } from './courier.ts'
import { Finalizer } from './finalizing.ts'
import { FraudOutbox } from './fraud-outbox.ts'
import { roundKeeper } from './journal/keep-round.ts'
import { joinLogin } from './joining.ts'
import { LiveLogins } from './live-logins.ts'
import { LoginChanges } from './login-changes.ts'
import { RETRY_TIME } from './stored-login.ts'
import { LoginStore } from './login-store.ts'
import { Logins } from './logins.ts'
import { pendingPrompts } from './pending-prompts.ts'
import { SettingsVersion } from './settings-version.ts'
import { StatusWatch } from './status-watch.ts'
import { Waiters } from './waiters.ts'
import { WaitingCallers } from './waiting-callers.ts'
import { addSeconds } from '../vocabulary.ts'

/** Opens one shard of a region's open logins. The shard is their single writer, and it needs nothing from the catalogue to
 *  apply an answer or to finalize. Which part carries out which verb stands at the end. */
export async function openShard(
  ctx: DurableObjectState,
  ports: Ports,
): Promise<TransactionsObject & { alarm(): Promise<void> }> {
  const background = (work: Promise<unknown>): void => ctx.waitUntil(work)
  const waiters = new Waiters(ports.limits.shardWaiters)
  const changes = new LoginChanges(ports.now)
  const store = await LoginStore.open(ctx, ports, (id, isStored) => {
    if (isStored) waiters.wake(id)
    changes.note(id)
  })
  const name = ctx.id.name ?? ''
  const settings = new SettingsVersion(ctx.storage, ports, name)
  const logins = new Logins(ctx.storage, ports, store, settings, new Courier(ports, store), background)
  const reports = new FraudOutbox(ctx.storage.kv, ports)
  const answering = new Answering(ports, store, reports, background)
  const finalizer = new Finalizer(ports, store, background)
  const watch = new StatusWatch(ports, store, waiters)
  const live = new LiveLogins(store, changes)
  const list = new ChallengeList(store, ctx.storage.kv, ports)

  const withdraw: TransactionsObject['withdraw'] = (request) => logins.withdraw(request)
  const finalize: TransactionsObject['finalize'] = (request) => finalizer.finalize(request)
  const keepRound = roundKeeper(ports, name)
  const callers = new WaitingCallers(ports, store, watch, { finalize, withdraw })

  return {
    open: (request) => logins.open(request),
    answer: (request) => answering.answer(request),
    finalize,
    withdraw,
    withdrawByKey: (request) => logins.withdrawByKey(request),
    rekey: (request) => logins.rekey(request),
    async learnSettings({ version }) {
      settings.learn(version)
      return done(undefined)
    },
    pendingPrompts: (request) => pendingPrompts(ports, store, request),
    recordRegistration: (request) => logins.recordRegistration(request),
    enrollmentToCancel: (request) => logins.enrollmentToCancel(request),
    cancelEnrollment: (request) => logins.cancelEnrollment(request),
    status: (request) => watch.status(request),
    stopWaiting: (request) => watch.stopWaiting(request),
    loginReply: (request) => watch.loginReply(request),
    joinLogin: (request) => joinLogin(ports, store, settings, request),
    timeline: (request) => live.timeline(request),
    watchTimeline: (request) => live.watchTimeline(request),
    liveLogins: (request) => live.liveLogins(request),
    receipt: (request) => watch.receipt(request),
    finalizeWhenAccepted: (request) => callers.finalizeWhenAccepted(request),
    abandon: (request) => callers.abandon(request),
    listChallenges: (request) => list.listChallenges(request),
    discardChallenges: (request) => list.discardChallenges(request),
    discardExpired: () => list.discardExpired(),
    async eraseUser(request) {
      await reports.send()
      const erased = await logins.eraseUser(request)
      return erased.ok ? done(erased.value + reports.countOf(request.owner)) : erased
    },
    recordAudit: (request) => logins.recordAudit(request),
    pendingAudit: (request) => logins.pendingAudit(request),
    handOverAudit: () => logins.handOverAudit(),
    async alarm() {
      await Promise.all([logins.alarm(), reports.send()])
      if (!reports.isEmpty) store.setAlarmBy(addSeconds(ports.now(), RETRY_TIME))
      background(keepRound())
    },
  }
}
