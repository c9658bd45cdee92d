import { useState } from 'preact/hooks'
import {
  call,
  type Failure,
  type LoginStatus,
  type Nod,
  type Outcome,
  trigger,
  wait,
} from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { Notice } from '../../parts/notice.tsx'
import { ask, session } from '../../session.ts'
import { Timeline } from '../logins/timeline.tsx'
import { t } from './texts.ts'

/** A login that was opened, and what its login screen would show. */
interface Rung {
  readonly transactionId: string
  readonly presence: string | undefined
}

type Ringing =
  | ({ readonly at: 'rung' } & Rung)
  | { readonly at: 'answered'; readonly transactionId: string; readonly status: LoginStatus }
  | { readonly at: 'rejected'; readonly message: string }
  | { readonly at: 'failed'; readonly failure: Failure }

/** Rings a phone for a login that nobody finalizes, and shows what comes of it. */
export function RingOnce({ serial }: { readonly serial: string }) {
  const [state, setState] = useState<Ringing>()
  const [isBusy, setBusy] = useState(false)
  const labels = t()

  const ring = async () => {
    setBusy(true)
    const opened = await ask((nod) => openTest(nod, serial))
    setBusy(false)
    if (!opened.ok) return setState({ at: 'failed', failure: opened.failure })
    if ('message' in opened.value) return setState({ at: 'rejected', message: opened.value.message })
    const { transactionId, presence } = opened.value
    setState({ at: 'rung', transactionId, presence })
    const status = await ask((nod) => wait(nod, transactionId))
    setState(
      status.ok ? { at: 'answered', transactionId, status: status.value } : { at: 'failed', failure: status.failure },
    )
  }

  return (
    <div class="stack">
      {state?.at === 'rung' && (
        <Notice tone="info" title={state.presence === undefined ? undefined : labels.number(state.presence)}>
          {labels.ringing} {labels.poll}
        </Notice>
      )}
      {state?.at === 'answered' && (
        <Notice tone={state.status === 'pending' || state.status === 'over' ? 'warn' : 'good'}>
          {labels.outcomes[state.status]}
        </Notice>
      )}
      {state?.at === 'rejected' && (
        <Notice tone="warn" title={labels.rejected}>
          {state.message}
        </Notice>
      )}
      {state?.at === 'failed' && <FailureNotice failure={state.failure} />}
      {state !== undefined && 'transactionId' in state && (
        <Timeline key={state.transactionId} transactionId={state.transactionId} />
      )}
      <div class="row">
        <Button
          kind={state === undefined ? 'primary' : 'secondary'}
          busy={isBusy}
          disabled={state?.at === 'rung'}
          onClick={() => void ring()}
        >
          {state === undefined ? labels.ring : labels.ringAgain}
        </Button>
        <span class="quiet small">{labels.ringHint}</span>
      </div>
    </div>
  )
}

/** Opens a login to test a phone. Nobody can finalize that of an administrator; the helpdesk may only open one like a service, and does not
 *  finalize it. */
async function openTest(nod: Nod, serial: string): Promise<Outcome<Rung | { readonly message: string }>> {
  if (session.value?.role === 'admin') {
    const rung = await call(nod, 'POST /doctor/push', { serial })
    if (!rung.ok) return rung
    const { transaction_id: transactionId, phones } = rung.value
    return { ok: true, value: { transactionId, presence: phones.find(({ number }) => number !== undefined)?.number } }
  }
  const opened = await trigger(nod, { serial })
  if (!opened.ok) return opened
  const { value } = opened
  return { ok: true, value: value.status === 'challenge' ? pick(value) : { message: value.message } }
}

const pick = ({ transactionId, presence }: Rung): Rung => ({ transactionId, presence })
