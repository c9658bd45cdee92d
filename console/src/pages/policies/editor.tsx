import { useState } from 'preact/hooks'
import { call, listRealms, type ValueOf } from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { CheckField } from '../../parts/check-field.tsx'
import { Form, SelectField, TextField } from '../../parts/form.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Card } from '../../parts/page.tsx'
import { useQuery } from '../../query.ts'
import { ask } from '../../session.ts'
import { ActionList, type Definitions } from './actions.tsx'
import { Conditions, wordsOf } from './conditions.tsx'
import { Differences } from './differences.tsx'
import { differences, type Draft, draftOf, type ListField, needsConfirmation, NEW } from './draft.ts'
import { t } from './editor-texts.ts'
import { saveDraft } from './save.ts'
import { Preview } from './preview.tsx'
import { t as listTexts } from './texts.ts'
import { useValidation, Verdict } from './validation.tsx'

const LISTS: readonly ListField[] = ['realm', 'user', 'client', 'user_agents', 'resolver']
const ADMINISTRATORS: readonly ListField[] = ['adminuser', 'adminrealm']

/** A policy as it is typed. Nod checks it after each pause, and says beside the field what it would refuse. */
export function Editor({
  original,
  initial,
  revision,
  definitions,
  words,
  onSaved,
  onReload,
}: {
  /** What is saved; undefined for a new policy. */
  readonly original: Draft | undefined
  readonly initial: Draft
  readonly revision: number
  readonly definitions: Definitions
  readonly words: ValueOf<'GET /policy/defs/{scope}'>
  readonly onSaved: (draft: Draft, before: Draft | undefined) => void
  readonly onReload: () => void
}) {
  const [draft, setDraft] = useState(initial)
  const [known, setKnown] = useState(revision)
  const [theirs, setTheirs] = useState<Draft>()
  const put = (changed: Partial<Draft>) => setDraft((now) => ({ ...now, ...changed }))
  const { validation, isChecking } = useValidation(draft, known)
  const realms = useQuery(listRealms, [])
  const { fields, hints, ...labels } = t()
  const { scopes } = listTexts()
  const refusal = validation?.refusal
  const fault = (field: string) => (refusal?.field === field ? refusal.message : undefined)
  const changed = differences(original ?? NEW, draft)
  const save = async () => {
    const outcome = await ask((nod) => saveDraft(nod, draft, known))
    if (!outcome.ok && outcome.failure.kind === 'refused' && outcome.failure.status === 409) {
      const now = await ask((nod) => call(nod, 'GET /policy/{name}/history', { name: draft.name.trim() }))
      if (now.ok) {
        setTheirs(now.value.policy === null ? NEW : draftOf(now.value.policy))
        setKnown(now.value.revision)
      }
    }
    return outcome
  }
  const field = (name: ListField) => (
    <TextField
      key={name}
      name={name}
      label={fields[name]}
      hint={name in hints ? hints[name as keyof typeof hints] : undefined}
      error={fault(name)}
      {...(name === 'realm' ? { options: Object.keys(realms.value ?? {}) } : {})}
      value={draft[name]}
      onChange={(text) => put({ [name]: text })}
    />
  )
  const actionFault = refusal?.action === undefined ? undefined : { action: refusal.action, message: refusal.message }
  return (
    <>
      <Form
        submit={original === undefined ? labels.create : labels.save}
        onSubmit={save}
        onDone={() => onSaved(draft, original)}
      >
        <Card title={labels.general}>
          <div class="policy-fields">
            {original === undefined && (
              <TextField
                name="name"
                label={fields.name}
                hint={hints.name}
                error={fault('name')}
                required
                autoFocus
                value={draft.name}
                onChange={(name) => put({ name })}
              />
            )}
            <SelectField
              name="scope"
              label={fields.scope}
              error={fault('scope')}
              options={Object.keys(definitions).map(
                (one) => [one, `${scopes[one as keyof typeof scopes] ?? one} (${one})`] as const,
              )}
              value={draft.scope}
              onChange={(scope) => put({ scope })}
            />
            <TextField
              name="priority"
              type="number"
              min={1}
              label={fields.priority}
              hint={hints.priority}
              error={fault('priority')}
              value={draft.priority}
              onChange={(priority) => put({ priority })}
            />
            <TextField
              name="description"
              label={fields.description}
              error={fault('description')}
              value={draft.description}
              onChange={(description) => put({ description })}
            />
            <CheckField label={fields.active} checked={draft.active} onChange={(active) => put({ active })} />
          </div>
        </Card>
        <Card title={labels.whom}>
          <p class="quiet small">{labels.whomHint}</p>
          <div class="policy-fields">
            {[...LISTS, ...(draft.scope === 'admin' || draft.scope === 'webui' ? ADMINISTRATORS : [])].map(field)}
            <TextField
              name="time"
              label={fields.time}
              hint={hints.time}
              error={fault('time')}
              value={draft.time}
              onChange={(time) => put({ time })}
            />
          </div>
          <CheckField
            label={fields.user_case_insensitive}
            checked={draft.user_case_insensitive}
            onChange={(isSame) => put({ user_case_insensitive: isSame })}
          />
          <Conditions
            words={wordsOf(words)}
            conditions={draft.conditions}
            onChange={(conditions) => put({ conditions })}
            error={fault('conditions')}
          />
        </Card>
        <Card title={labels.sets}>
          <ActionList
            definitions={definitions[draft.scope] ?? {}}
            actions={draft.action}
            onChange={(action) => put({ action })}
            fault={actionFault}
          />
          {needsConfirmation(draft) && (
            <CheckField label={fields.confirm} checked={draft.confirm} onChange={(confirm) => put({ confirm })} />
          )}
        </Card>
        <Card title={labels.differences}>
          <Differences of={changed} caption={labels.differences} empty={labels.noDifference} />
          <Verdict validation={validation} isChecking={isChecking} draft={draft} />
        </Card>
        {theirs !== undefined && (
          <Notice
            tone="warn"
            title={labels.otherTitle}
            action={
              <div class="row">
                <Button small onClick={onReload}>
                  {labels.takeTheirs}
                </Button>
                <Button small submit>
                  {labels.saveMine}
                </Button>
              </div>
            }
          >
            {labels.otherText}
          </Notice>
        )}
        {theirs !== undefined && (
          <Differences
            of={differences(theirs, draft)}
            caption={labels.otherTitle}
            before={labels.theirs}
            after={labels.yours}
            empty={labels.noDifference}
          />
        )}
      </Form>
      <Card title={labels.change}>
        <p class="quiet small">{labels.changeHint}</p>
        <Preview draft={draft} />
      </Card>
    </>
  )
}
