import { useId } from 'preact/hooks'

/** A yes or no. */
export function CheckField({
  label,
  hint,
  checked,
  onChange,
}: {
  readonly label: string
  readonly hint?: string
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
}) {
  const id = useId()
  return (
    <div class="check">
      <input id={id} type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <div class="stack-tight">
        <label for={id}>{label}</label>
        {hint !== undefined && <p class="field-hint">{hint}</p>}
      </div>
    </div>
  )
}
