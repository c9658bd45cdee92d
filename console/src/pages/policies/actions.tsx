import { useState } from 'preact/hooks'
import type { ValueOf } from '../../../../client/src/index.ts'
import { SelectField, TextField } from '../../parts/form.tsx'
import { Badge } from '../../parts/notice.tsx'
import type { Draft } from './draft.ts'
import { t } from './editor-texts.ts'
import { descriptionOf, groupOf } from './german/descriptions.ts'

export type Definitions = ValueOf<'GET /policy/defs'>
type Definition = Definitions[string][string]
type Actions = Draft['action']

interface Props {
  readonly definitions: Definitions[string]
  readonly actions: Actions
  readonly onChange: (actions: Actions) => void
  /** The action at fault, and why. */
  readonly fault: { readonly action: string; readonly message: string } | undefined
}

/** The actions of a scope by group, each with what it means. Those that are set have their value beside them. */
export function ActionList({ definitions, actions, onChange, fault }: Props) {
  const [wanted, setWanted] = useState('')
  const words = wanted.toLowerCase().split(/\s+/)
  const fits = ([name, { desc }]: readonly [string, Definition]) =>
    words.every((word) => `${name} ${descriptionOf(desc)}`.toLowerCase().includes(word))
  const known = Object.entries(definitions)
  // What an older version has stored may have no definition any more: it is shown, so that it can be taken away.
  const unknown = Object.keys(actions).flatMap((name): readonly (readonly [string, Definition])[] =>
    name in definitions ? [] : [[name, { type: 'str', desc: '' }]],
  )
  const groups = [...Map.groupBy([...known, ...unknown], ([, { group }]) => group ?? t().others)]
  const set = (name: string, value: string | true | undefined) => {
    const { [name]: _, ...others } = actions
    onChange(value === undefined ? others : { ...others, [name]: value })
  }
  return (
    <div class="stack">
      <TextField
        name="find-action"
        type="search"
        label={t().find}
        placeholder={t().findHint}
        value={wanted}
        onChange={setWanted}
      />
      {groups.map(([group, all]) => {
        const shown = all.filter(fits)
        const count = all.filter(([name]) => name in actions).length
        return shown.length === 0 ? null : (
          <details key={group} class="policy-group" open={wanted !== '' || count > 0 || groups.length === 1}>
            <summary>
              {groupOf(group)} {count > 0 && <Badge tone="info">{t().setCount(count)}</Badge>}
            </summary>
            <ul class="policy-actions">
              {shown.map(([name, definition]) => (
                <ActionItem
                  key={name}
                  name={name}
                  definition={definition}
                  value={actions[name]}
                  onChange={(value) => set(name, value)}
                  fault={fault?.action === name ? fault.message : undefined}
                />
              ))}
            </ul>
          </details>
        )
      })}
    </div>
  )
}

function ActionItem({
  name,
  definition: { type, desc, value: choices, default: otherwise },
  value,
  onChange,
  fault,
}: {
  readonly name: string
  readonly definition: Definition
  readonly value: string | true | undefined
  readonly onChange: (value: string | true | undefined) => void
  readonly fault: string | undefined
}) {
  const isSet = value !== undefined
  const first = type === 'bool' ? true : (otherwise ?? choices?.[0] ?? '')
  const field = { name: `action.${name}`, label: name, error: fault, value: value === true ? '' : (value ?? '') }
  return (
    <li class="policy-action">
      <div class="check">
        <input
          id={`set-${name}`}
          type="checkbox"
          checked={isSet}
          onChange={(event) => onChange(event.currentTarget.checked ? first : undefined)}
        />
        <div class="stack-tight">
          <label for={`set-${name}`}>
            <code>{name}</code>
          </label>
          <p class="field-hint">
            {descriptionOf(desc)} {otherwise !== undefined && t().byDefault(otherwise)}
          </p>
        </div>
      </div>
      {isSet && type !== 'bool' && (
        <div class="policy-value">
          {choices === undefined ? (
            <TextField {...field} onChange={onChange} />
          ) : (
            <SelectField
              {...field}
              options={[
                ...(choices.includes(field.value) ? [] : [[field.value, field.value || t().noDefault] as const]),
                ...choices.map((one) => [one, one] as const),
              ]}
              onChange={onChange}
            />
          )}
        </div>
      )}
      {isSet && type === 'bool' && fault !== undefined && (
        <p class="field-error" role="alert">
          {fault}
        </p>
      )}
    </li>
  )
}
