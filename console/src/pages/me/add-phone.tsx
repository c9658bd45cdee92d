import { useEffect, useState } from 'preact/hooks'
import { enroll, type Enrollment, type Token, waitForPhone } from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { Form, TextField } from '../../parts/form.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Card } from '../../parts/page.tsx'
import { Secret } from '../../parts/values.tsx'
import { useQuery } from '../../query.ts'
import { ask } from '../../session.ts'
import { t } from './texts.ts'

/** Adds a phone: shows the QR code, and waits until the phone has registered. */
export function AddPhone({ onAdded }: { readonly onAdded: () => void }) {
  const [enrollment, setEnrollment] = useState<Enrollment>()
  const [name, setName] = useState('')
  const [pin, setPin] = useState('')
  const labels = t()
  if (enrollment !== undefined)
    return (
      <Adding
        key={enrollment.serial}
        enrollment={enrollment}
        onAdded={onAdded}
        onClose={() => {
          setEnrollment(undefined)
          setName('')
          setPin('')
          onAdded()
        }}
      />
    )
  return (
    <Card title={labels.add}>
      <p>{labels.addText}</p>
      <Form
        submit={labels.show}
        onSubmit={() => ask((nod) => enroll(nod, { description: name.trim(), pin }))}
        onDone={setEnrollment}
      >
        <div class="columns">
          <TextField name="description" label={labels.name} value={name} onChange={setName} />
          <TextField
            name="pin"
            type="password"
            complete="new-password"
            label={labels.newPin}
            hint={labels.newPinHint}
            value={pin}
            onChange={setPin}
          />
        </div>
      </Form>
    </Card>
  )
}

function Adding({
  enrollment: { serial, image, uri, pin },
  onAdded,
  onClose,
}: {
  readonly enrollment: Enrollment
  readonly onAdded: () => void
  readonly onClose: () => void
}) {
  const phone = useQuery<Token>((nod, { signal }) => waitForPhone(nod, serial, { signal }), [serial])
  const labels = t()
  const isAdded = phone.value !== undefined
  useEffect(() => {
    if (isAdded) onAdded()
  }, [isAdded])
  return (
    <Card title={labels.add}>
      {pin !== undefined && <Secret title={labels.drawnPin} value={pin} />}
      {isAdded ? (
        <Notice tone="good" title={labels.added}>
          {labels.addedText}
        </Notice>
      ) : (
        <div class="columns">
          <img class="qr" src={image} alt={labels.qr} width="240" height="240" />
          <div class="stack">
            <p>{labels.scan}</p>
            <a href={uri}>{labels.openApp}</a>
            {phone.failure === undefined ? (
              <p class="row quiet" role="status">
                <span class="spinner" aria-hidden="true" />
                {labels.waiting}
              </p>
            ) : (
              <FailureNotice failure={phone.failure} onRetry={phone.reload} />
            )}
          </div>
        </div>
      )}
      <div class="row">
        <Button onClick={onClose}>{isAdded ? labels.close : labels.later}</Button>
      </div>
    </Card>
  )
}
