import { useState } from 'preact/hooks'
import { type Failure, type LoginStatus, trigger, wait } from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { Notice } from '../../parts/notice.tsx'
import { ask } from '../../session.ts'
import { Timeline } from '../logins/timeline.tsx'
import { t } from './texts.ts'

type Ringing =
  | { readonly at: 'rung'; readonly transactionId: string; readonly presence: string | undefined }
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
    const opened = await ask((nod) => trigger(nod, { serial }))
    setBusy(false)
    if (!opened.ok) return setState({ at: 'failed', failure: opened.failure })
    if (opened.value.status !== 'challenge') return setState({ at: 'rejected', message: opened.value.message })
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
        <Notice tone="info" title={state.presence}>
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
      {state !== undefined && 'transactionId' in state && <Timeline transactionId={state.transactionId} />}
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
