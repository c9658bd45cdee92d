import { signal } from '@preact/signals'
import { Button } from './button.tsx'
import { t } from './texts.ts'

interface Toast {
  readonly id: number
  readonly text: string
  readonly undo: (() => void) | undefined
}

const toasts = signal<readonly Toast[]>([])
let count = 0
const SHOWN_MS = 8000

/** Says at the bottom of the page that something is done, for eight seconds, with a way to undo it if there is one. */
export function toast(text: string, undo?: () => void): void {
  const id = (count += 1)
  toasts.value = [...toasts.value, { id, text, undo }]
  setTimeout(() => dismiss(id), SHOWN_MS)
}

const dismiss = (id: number) => {
  toasts.value = toasts.value.filter((one) => one.id !== id)
}

export const Toasts = () => (
  <div class="toasts" role="status" aria-live="polite">
    {toasts.value.map(({ id, text, undo }) => (
      <div class="toast" key={id}>
        <span class="grow">{text}</span>
        {undo !== undefined && (
          <Button
            small
            onClick={() => {
              dismiss(id)
              undo()
            }}
          >
            {t().undo}
          </Button>
        )}
        <Button small label={t().dismiss} onClick={() => dismiss(id)}>
          ×
        </Button>
      </div>
    ))}
  </div>
)
