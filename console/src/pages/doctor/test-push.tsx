import { useState } from 'preact/hooks'
import { call, type ValueOf } from '../../../../client/src/index.ts'
import { Form, TextField } from '../../parts/form.tsx'
import { Notice } from '../../parts/notice.tsx'
import { ask } from '../../session.ts'
import { Timeline } from '../logins/timeline.tsx'
import { t } from './texts.ts'

/** Rings the caller's own phone, or the one of a serial, for a login that lets nobody in, and shows the time of each leg. */
export function TestPush({
  hasSerial = false,
  onAnswered,
}: {
  readonly hasSerial?: boolean
  /** The phone has answered. */
  readonly onAnswered?: () => void
}) {
  const [serial, setSerial] = useState('')
  const [answered, setAnswered] = useState<string>()
  const [rung, setRung] = useState<ValueOf<'POST /doctor/push'>>()
  const { ring, number, ...labels } = t()
  const chosen = rung?.phones[0]?.number
  return (
    <div class="stack">
      <Form
        submit={ring}
        onSubmit={() => ask((nod) => call(nod, 'POST /doctor/push', { serial: serial.trim() || undefined }))}
        onDone={setRung}
      >
        {hasSerial && (
          <TextField name="serial" label={labels.serial} hint={labels.serialHint} value={serial} onChange={setSerial} />
        )}
      </Form>
      {rung !== undefined && (
        <>
          {answered === rung.transaction_id ? (
            <Notice tone="good">{labels.answered}</Notice>
          ) : (
            <Notice tone="info" title={chosen === undefined ? undefined : `${number}: ${chosen}`}>
              {labels.ringing}
            </Notice>
          )}
          <Timeline
            key={rung.transaction_id}
            transactionId={rung.transaction_id}
            onAnswered={() => {
              setAnswered(rung.transaction_id)
              onAnswered?.()
            }}
          />
        </>
      )}
    </div>
  )
}
