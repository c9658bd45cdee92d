import { useEffect, useState } from 'preact/hooks'
import { call, type Failure, type LoginStatus, type ValueOf, wait } from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { Notice } from '../../parts/notice.tsx'
import { t } from './texts.ts'
import { stranger } from './use-invitation.ts'

type Push = ValueOf<'POST /invitation/confirm'>

type Ringing =
  | { readonly at: 'ready' }
  | { readonly at: 'asking' }
  | { readonly at: 'rung'; readonly push: Push }
  /** `status` is undefined where a policy lets only services hear of logins. */
  | { readonly at: 'answered'; readonly status: LoginStatus | undefined }
  | { readonly at: 'failed'; readonly failure: Failure }

/** Rings the phone that has registered, and shows what comes of it. */
export function RingToTest({ secret, isAtOnce }: { readonly secret: string; readonly isAtOnce: boolean }) {
  const [state, setState] = useState<Ringing>({ at: 'ready' })
  const labels = t()

  const ring = async () => {
    setState({ at: 'asking' })
    const rung = await call(stranger(), 'POST /invitation/confirm', { secret })
    if (!rung.ok) return setState({ at: 'failed', failure: rung.failure })
    setState({ at: 'rung', push: rung.value })
    const status = await wait(stranger(), rung.value.transaction_id)
    if (status.ok) return setState({ at: 'answered', status: status.value })
    const isUnheard = status.failure.kind === 'refused'
    setState(isUnheard ? { at: 'answered', status: undefined } : { at: 'failed', failure: status.failure })
  }
  useEffect(() => {
    if (isAtOnce) void ring()
  }, [])

  const isOver = state.at === 'answered' && (state.status === 'accepted' || state.status === 'declined')
  return (
    <>
      {state.at === 'ready' && <p>{labels.readyText}</p>}
      {state.at === 'rung' && <Rung push={state.push} />}
      {state.at === 'answered' && <Answered status={state.status} />}
      {state.at === 'failed' && <FailureNotice failure={state.failure} />}
      {state.at !== 'rung' && (
        <Button
          kind={isOver ? 'quiet' : 'primary'}
          wide={!isOver}
          small={isOver}
          busy={state.at === 'asking'}
          onClick={() => void ring()}
        >
          {state.at === 'ready' || state.at === 'asking' ? labels.ring : labels.ringAgain}
        </Button>
      )}
    </>
  )
}

function Rung({ push: { phones } }: { readonly push: Push }) {
  const number = phones.find((phone) => phone.number !== undefined)?.number
  return (
    <div class="stack">
      <Notice tone="info" title={number === undefined ? t().ringing : t().tapNumber(number)}>
        {t().pull}
      </Notice>
    </div>
  )
}

function Answered({ status }: { readonly status: LoginStatus | undefined }) {
  const labels = t()
  if (status === undefined) return <Notice tone="info">{labels.rungText}</Notice>
  if (status === 'pending' || status === 'over')
    return (
      <Notice tone="warn" title={labels.noAnswer}>
        {labels.noAnswerText}
      </Notice>
    )
  return (
    <Notice tone="good" title={labels.done}>
      {status === 'accepted' ? labels.doneText : labels.declinedText}
    </Notice>
  )
}
