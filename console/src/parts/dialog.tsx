import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { Outcome } from '../../../client/src/index.ts'
import { Button } from './button.tsx'
import { Form } from './form.tsx'
import { t } from './texts.ts'

/** A dialog over the page. Escape closes it, unless it covers the page until something is done. */
export function Dialog({
  title,
  onClose,
  covering = false,
  wide = false,
  children,
}: {
  readonly title: string
  readonly onClose?: () => void
  readonly covering?: boolean
  readonly wide?: boolean
  readonly children: ComponentChildren
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog
      ref={dialog}
      class={['dialog', wide ? 'dialog-wide' : '', covering ? 'dialog-covering' : ''].filter(Boolean).join(' ')}
      aria-labelledby={id}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && onClose === undefined) event.preventDefault()
      }}
      onCancel={(event) => {
        event.preventDefault()
        onClose?.()
      }}
      onClose={() => {
        // A second Escape closes it whatever the page says. What must not be missed comes back.
        if (onClose === undefined) dialog.current?.showModal()
        else onClose()
      }}
    >
      <div class="dialog-inner">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  )
}

interface Action<T> {
  readonly name: string
  readonly title: string
  /** What follows if it is done. */
  readonly consequence: ComponentChildren
  readonly work: () => Promise<Outcome<T>>
  readonly onDone?: (value: T) => void
  /** Somebody has closed it, perhaps in the middle of the work. */
  readonly onCancel?: () => void
  readonly kind?: 'primary' | 'danger'
  readonly small?: boolean
  readonly quiet?: boolean
}

/** A button for an action, which says what will follow before it is done. */
export function ActionButton<T>({
  name,
  title,
  consequence,
  work,
  onDone,
  onCancel,
  kind = 'primary',
  small = true,
  quiet = false,
}: Action<T>) {
  const [isOpen, setOpen] = useState(false)
  const cancel = () => {
    setOpen(false)
    onCancel?.()
  }
  return (
    <>
      <Button small={small} kind={quiet ? 'quiet' : 'secondary'} onClick={() => setOpen(true)}>
        {name}
      </Button>
      {isOpen && (
        <Dialog title={title} onClose={cancel}>
          <div class="stack-tight">{typeof consequence === 'string' ? <p>{consequence}</p> : consequence}</div>
          <Form
            submit={name}
            kind={kind}
            onSubmit={work}
            onDone={(value) => {
              setOpen(false)
              onDone?.(value)
            }}
            onCancel={cancel}
            cancel={t().cancel}
          >
            {null}
          </Form>
        </Dialog>
      )}
    </>
  )
}
