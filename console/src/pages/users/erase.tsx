import { useEffect, useRef, useState } from 'preact/hooks'
import { call, type Failure, type ValueOf } from '../../../../client/src/index.ts'
import { formatNumber } from '../../format.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { TextField } from '../../parts/form.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Facts } from '../../parts/page.tsx'
import { t as common } from '../../parts/texts.ts'
import { ask } from '../../session.ts'
import type { Owner } from './owner.ts'
import { t } from './privacy-texts.ts'

type Progress = ValueOf<'POST /deployment/user-data/erase'>

/** Milliseconds between two requests: each of them works for some seconds, unless something else works on it. */
const PAUSE_MS = 1000

/** Erases a user once their name is typed, and shows how far it is until it is done. */
export function Erase({
  owner,
  onClose,
  onErased,
}: {
  readonly owner: Owner
  readonly onClose: () => void
  readonly onErased: () => void
}) {
  const { user } = owner
  const [typed, setTyped] = useState('')
  const [isMismatch, setMismatch] = useState(false)
  const [isRunning, setRunning] = useState(false)
  const [progress, setProgress] = useState<Progress>()
  const [failure, setFailure] = useState<Failure>()
  const isClosed = useRef(false)
  useEffect(() => () => void (isClosed.current = true), [])
  const labels = t()

  const run = async () => {
    setRunning(true)
    setFailure(undefined)
    for (;;) {
      const step = await ask((nod) => call(nod, 'POST /deployment/user-data/erase', owner, { timeout: 60_000 }))
      if (isClosed.current) return
      if (!step.ok) setFailure(step.failure)
      else setProgress(step.value)
      if (!step.ok || step.value.done) break
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
    setRunning(false)
  }
  const confirm = (event: Event) => {
    event.preventDefault()
    const isSame = typed.trim() === user
    setMismatch(!isSame)
    if (isSame) void run()
  }

  if (progress?.done === true)
    return (
      <Dialog title={labels.eraseTitle(user)} covering>
        <Notice tone="good" title={labels.done(user)}>
          {labels.late}
        </Notice>
        <Counts of={progress} />
        <div class="row row-end">
          <Button kind="primary" onClick={onErased}>
            {labels.close}
          </Button>
        </div>
      </Dialog>
    )
  if (isRunning || progress !== undefined || failure !== undefined)
    return (
      <Dialog title={labels.eraseTitle(user)} onClose={onClose}>
        {isRunning && (
          <p class="row" role="status">
            <span class="spinner" aria-hidden="true" />
            {labels.working}
          </p>
        )}
        {progress !== undefined && <Counts of={progress} />}
        {failure !== undefined && <FailureNotice failure={failure} />}
        <div class="row row-end">
          <Button onClick={onClose}>{labels.close}</Button>
          {!isRunning && (
            <Button kind="danger" onClick={() => void run()}>
              {labels.resume}
            </Button>
          )}
        </div>
      </Dialog>
    )
  return (
    <Dialog title={labels.eraseTitle(user)} onClose={onClose}>
      <ul class="bullets">
        {labels.consequence.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <form class="stack" onSubmit={confirm}>
        <TextField
          name="confirmation"
          label={labels.confirm(user)}
          error={isMismatch ? labels.mismatch : undefined}
          required
          autoFocus
          value={typed}
          onChange={setTyped}
        />
        <div class="row row-end">
          <Button onClick={onClose}>{common().cancel}</Button>
          <Button submit kind="danger">
            {labels.erase}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function Counts({ of: { done, stage, tokens, records, parts, missed, policies } }: { readonly of: Progress }) {
  const labels = t()
  const stages: Readonly<Record<string, string>> = labels.stages
  return (
    <div class="stack">
      <Facts
        of={[
          [labels.stage, !done && (stages[stage] ?? stage)],
          [labels.tokens, formatNumber(tokens)],
          [labels.records, formatNumber(records)],
          [labels.parts, formatNumber(parts)],
          [labels.missed, missed > 0 && formatNumber(missed)],
        ]}
      />
      {policies.length > 0 && (
        <Notice tone="warn" title={labels.policies}>
          {policies.join(', ')}
        </Notice>
      )}
    </div>
  )
}
