import { useState } from 'preact/hooks'
import type { Outcome } from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Form, TextField } from '../../parts/form.tsx'
import { t as common } from '../../parts/texts.ts'
import { toast } from '../../parts/toast.tsx'
import { t } from './token-texts.ts'

/** A button that gives a token another PIN. */
export function SetPin({
  serial,
  work,
}: {
  readonly serial: string
  readonly work: (pin: string) => Promise<Outcome<unknown>>
}) {
  const [isOpen, setOpen] = useState(false)
  const [pin, setPin] = useState('')
  const labels = t()
  const close = () => {
    setOpen(false)
    setPin('')
  }
  return (
    <>
      <Button small kind="quiet" onClick={() => setOpen(true)}>
        {labels.setPin}
      </Button>
      {isOpen && (
        <Dialog title={labels.titleOf(labels.setPin, serial)} onClose={close}>
          <p>{labels.setPinText}</p>
          <Form
            submit={labels.setPin}
            cancel={common().cancel}
            onCancel={close}
            onSubmit={() => work(pin)}
            onDone={() => {
              close()
              toast(labels.pinSet)
            }}
          >
            <TextField
              name="otppin"
              type="password"
              complete="new-password"
              label={labels.pin}
              autoFocus
              value={pin}
              onChange={setPin}
            />
          </Form>
        </Dialog>
      )}
    </>
  )
}
