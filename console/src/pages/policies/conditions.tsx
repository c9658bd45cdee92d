import type { ValueOf } from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { CheckField } from '../../parts/check-field.tsx'
import { SelectField, TextField } from '../../parts/form.tsx'
import type { Draft } from './draft.ts'
import { t } from './editor-texts.ts'

/** What a condition may consist of. */
export interface ConditionWords {
  readonly sections: Readonly<Record<string, { readonly description: string }>>
  readonly comparators: Readonly<Record<string, object>>
  /** What may follow where there is nothing to compare. */
  readonly handle_missing_data: Readonly<Record<string, object>>
}

export const wordsOf = (value: ValueOf<'GET /policy/defs/{scope}'>): ConditionWords => {
  const { sections = {}, comparators = {}, handle_missing_data = {} } = (value ?? {}) as Partial<ConditionWords>
  return { sections, comparators, handle_missing_data }
}

/** What happens where there is nothing to compare, unless a condition says otherwise. */
const BY_DEFAULT = 'raise_error'

/** The condition with another part. What stands before it keeps its place: a condition without the last part says nothing of it. */
const withPart = (condition: readonly unknown[], part: number, value: string | boolean): readonly unknown[] =>
  Array.from({ length: Math.max(condition.length, part + 1) }, (_, place) =>
    place === part ? value : (condition[place] ?? (place === 4 ? true : '')),
  )

/** The conditions of a policy, each on a line. */
export function Conditions({
  words: { sections, comparators, handle_missing_data: missing },
  conditions,
  onChange,
  error,
}: {
  readonly words: ConditionWords
  readonly conditions: Draft['conditions']
  readonly onChange: (conditions: Draft['conditions']) => void
  readonly error: string | undefined
}) {
  const { condition: labels, addCondition, fields } = t()
  const names = Object.keys(sections)
  const put = (place: number, part: number, value: string | boolean) =>
    onChange(conditions.map((one, at) => (at === place ? withPart(one, part, value) : one)))
  return (
    <fieldset class="policy-conditions">
      <legend class="label">{fields.conditions}</legend>
      {conditions.map((condition, place) => {
        const [section, key, comparator, value, , handling = BY_DEFAULT] = condition.map(String)
        return (
          <div class="filters" key={place}>
            <SelectField
              name={`condition-${place}-section`}
              label={labels.section}
              options={names.map((one) => [one, one] as const)}
              value={section ?? ''}
              onChange={(text) => put(place, 0, text)}
            />
            <TextField
              name={`condition-${place}-key`}
              label={labels.key}
              {...(section === undefined ? {} : { options: (sections[section]?.description ?? '').split(', ') })}
              value={key ?? ''}
              onChange={(text) => put(place, 1, text)}
            />
            <SelectField
              name={`condition-${place}-comparator`}
              label={labels.comparator}
              options={Object.keys(comparators).map((one) => [one, one] as const)}
              value={comparator ?? ''}
              onChange={(text) => put(place, 2, text)}
            />
            <TextField
              name={`condition-${place}-value`}
              label={labels.value}
              value={value ?? ''}
              onChange={(text) => put(place, 3, text)}
            />
            <SelectField
              name={`condition-${place}-missing`}
              label={labels.missing}
              options={[
                ['', labels.byDefault],
                ...Object.keys(missing)
                  .filter((one) => one !== BY_DEFAULT)
                  .map((one) => [one, labels.missings[one as keyof typeof labels.missings] ?? one] as const),
              ]}
              value={handling === BY_DEFAULT ? '' : handling}
              onChange={(text) => put(place, 5, text === '' ? BY_DEFAULT : text)}
            />
            <CheckField
              label={labels.active}
              checked={condition[4] !== false}
              onChange={(isActive) => put(place, 4, isActive)}
            />
            <Button label={labels.remove} kind="quiet" onClick={() => onChange(conditions.toSpliced(place, 1))}>
              ×
            </Button>
          </div>
        )
      })}
      {error !== undefined && (
        <p class="field-error" role="alert">
          {error}
        </p>
      )}
      <div class="row">
        <Button small onClick={() => onChange([...conditions, [names[0] ?? 'userinfo', '', 'equals', '', true]])}>
          {addCondition}
        </Button>
      </div>
    </fieldset>
  )
}
