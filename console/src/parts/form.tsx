import { type ComponentChildren, createContext, type JSX } from 'preact'
import { useContext, useEffect, useId, useRef, useState } from 'preact/hooks'
import type { Failure, Outcome } from '../../../client/src/index.ts'
import { Button } from './button.tsx'
import { FailureNotice } from './failure.tsx'
import { besideField, refusedField } from './refused-field.ts'

interface FormState {
  /** The parameter that Nod has refused, with its sentence. */
  readonly refused: { readonly field: string; readonly message: string } | undefined
  /** Counts refusals, so that the field takes the focus at each. */
  readonly round: number
  /** The names of the fields on the form. */
  readonly fields: Set<string>
}
const FormContext = createContext<FormState>({ refused: undefined, round: 0, fields: new Set() })

interface FormProps<T> {
  readonly children: ComponentChildren
  readonly submit: string
  readonly onSubmit: () => Promise<Outcome<T>>
  readonly onDone?: (value: T) => void
  readonly onCancel?: () => void
  readonly cancel?: string
  readonly kind?: 'primary' | 'danger'
  readonly wide?: boolean
}

/** A form. What is typed stays after a refusal. The sentence of a refusal stands beside the field that it is about, and above the
 *  buttons where it is about none. */
export function Form<T>({
  children,
  submit,
  onSubmit,
  onDone,
  onCancel,
  cancel,
  kind = 'primary',
  wide = false,
}: FormProps<T>) {
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure>()
  const [round, setRound] = useState(0)
  const fields = useRef(new Set<string>()).current

  const send = async (event: Event) => {
    event.preventDefault()
    if (isBusy) return
    setBusy(true)
    const outcome = await onSubmit()
    setBusy(false)
    setFailure(outcome.ok ? undefined : outcome.failure)
    if (outcome.ok) onDone?.(outcome.value)
    else setRound((count) => count + 1)
  }
  const field = refusedField(failure, fields)
  const refused =
    failure === undefined || field === undefined ? undefined : { field, message: besideField(failure.message) }
  return (
    <FormContext.Provider value={{ refused, round, fields }}>
      <form class="stack" onSubmit={(event) => void send(event)}>
        {children}
        {failure !== undefined && refused === undefined && <FailureNotice failure={failure} />}
        <div class={wide ? 'stack-tight' : 'row row-end'}>
          {onCancel !== undefined && <Button onClick={onCancel}>{cancel}</Button>}
          <Button submit kind={kind} busy={isBusy} wide={wide}>
            {submit}
          </Button>
        </div>
      </form>
    </FormContext.Provider>
  )
}

interface Common {
  readonly label: string
  /** The parameter of the API that this field becomes: its refusal is shown here. */
  readonly name: string
  readonly hint?: string | undefined
  readonly error?: string | undefined
  readonly required?: boolean
  readonly value: string
  readonly onChange: (value: string) => void
}

interface Control {
  readonly id: string
  readonly name: string
  readonly class: string
  readonly required: boolean
  readonly 'aria-invalid': boolean
  readonly 'aria-describedby': string | undefined
}

function Labelled({
  field: { label, name, hint, error, required = false },
  class: extra = '',
  children,
}: {
  readonly field: Omit<Common, 'value' | 'onChange'>
  readonly class?: string
  readonly children: (control: Control) => JSX.Element
}) {
  const id = useId()
  const form = useContext(FormContext)
  form.fields.add(name)
  const frame = useRef<HTMLDivElement>(null)
  const isRefused = form.refused?.field === name
  const shown = error ?? (isRefused ? form.refused?.message : undefined)
  useEffect(() => {
    if (isRefused) frame.current?.querySelector<HTMLElement>('.input')?.focus()
  }, [isRefused, form.round])
  const described = [hint === undefined ? '' : `${id}-hint`, shown === undefined ? '' : `${id}-error`]
    .filter(Boolean)
    .join(' ')
  return (
    <div class={`field ${extra}`.trim()} ref={frame}>
      <label for={id}>{label}</label>
      {children({
        id,
        name,
        class: 'input',
        required,
        'aria-invalid': shown !== undefined,
        'aria-describedby': described === '' ? undefined : described,
      })}
      {hint !== undefined && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {shown !== undefined && (
        <p class="field-error" id={`${id}-error`} role="alert">
          {shown}
        </p>
      )}
    </div>
  )
}

interface TextFieldProps extends Common {
  readonly type?: 'text' | 'password' | 'number' | 'search' | 'datetime-local' | 'email'
  readonly placeholder?: string
  readonly complete?: string
  readonly wide?: boolean
  readonly autoFocus?: boolean
  readonly code?: boolean
  readonly min?: number
  readonly max?: number
  readonly options?: readonly string[]
}

/** A line of text. `options` are suggestions. */
export function TextField({
  type = 'text',
  placeholder,
  complete = 'off',
  wide = false,
  options,
  ...field
}: TextFieldProps) {
  const { value, onChange, autoFocus = false, code = false, min, max } = field
  const input = useRef<HTMLInputElement>(null)
  const list = useId()
  useEffect(() => {
    if (autoFocus) input.current?.focus()
  }, [])
  return (
    <Labelled field={field} class={wide ? 'field-wide' : ''}>
      {(control) => (
        <>
          <input
            {...control}
            ref={input}
            // A dialog that opens gives the focus to it.
            autofocus={autoFocus}
            class={code ? 'input input-code' : 'input'}
            inputMode={code ? 'numeric' : undefined}
            {...({ type } as { type: 'text' })}
            min={min}
            max={max}
            placeholder={placeholder}
            autoComplete={complete}
            autoCapitalize="off"
            spellcheck={false}
            {...(options === undefined ? {} : { list })}
            value={value}
            onInput={(event) => onChange(event.currentTarget.value)}
          />
          {options !== undefined && (
            <datalist id={list}>
              {options.map((option) => (
                <option key={option} value={option} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Labelled>
  )
}

/** Several lines of text. */
export function TextArea({ rows = 4, ...field }: Common & { readonly rows?: number }) {
  return (
    <Labelled field={field}>
      {(control) => (
        <textarea
          {...control}
          rows={rows}
          spellcheck={false}
          value={field.value}
          onInput={(event) => field.onChange(event.currentTarget.value)}
        />
      )}
    </Labelled>
  )
}

/** One of several values, each with its name. */
export function SelectField({
  options,
  ...field
}: Common & { readonly options: readonly (readonly [value: string, name: string])[] }) {
  return (
    <Labelled field={field}>
      {(control) => (
        <select {...control} value={field.value} onChange={(event) => field.onChange(event.currentTarget.value)}>
          {options.map(([value, name]) => (
            <option key={value} value={value} selected={value === field.value}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  )
}
