import { useState } from 'preact/hooks'
import { call, type Outcome, type ValueOf } from '../../../../client/src/index.ts'
import { Form, TextField } from '../../parts/form.tsx'
import { Notice } from '../../parts/notice.tsx'
import { ask } from '../../session.ts'
import { Differences } from './differences.tsx'
import { type Difference, type Draft, parametersOf, textOf } from './draft.ts'
import { t } from './editor-texts.ts'

type Simulation = ValueOf<'POST /policy/simulate'>

interface Comparison {
  readonly before: Simulation
  readonly after: Simulation
}

/** What a login of one user is now, and what it would be with the draft saved. */
export function Preview({ draft }: { readonly draft: Draft }) {
  const [user, setUser] = useState('')
  const [realm, setRealm] = useState('')
  const [client, setClient] = useState('')
  const [time, setTime] = useState('')
  const [found, setFound] = useState<Comparison>()
  const labels = t()
  const compare = async (): Promise<Outcome<Comparison>> => {
    const asked = {
      user: user.trim(),
      realm: realm.trim(),
      client: client.trim(),
      time: time === '' ? '' : new Date(time).toISOString(),
    }
    const before = await ask((nod) => call(nod, 'POST /policy/simulate', asked))
    if (!before.ok) return before
    const after = await ask((nod) => call(nod, 'POST /policy/simulate', { ...asked, draft: parametersOf(draft) }))
    return after.ok ? { ok: true, value: { before: before.value, after: after.value } } : after
  }
  return (
    <div class="stack">
      <Form submit={labels.compare} onSubmit={compare} onDone={setFound}>
        <div class="policy-fields">
          <TextField name="user" label={labels.user} value={user} onChange={setUser} />
          <TextField name="realm" label={labels.realm} value={realm} onChange={setRealm} />
          <TextField name="client" label={labels.address} value={client} onChange={setClient} />
          <TextField name="time" type="datetime-local" label={labels.time} value={time} onChange={setTime} />
        </div>
      </Form>
      {found !== undefined && (
        <div class="stack" role="status">
          <Matching of={found.after} draft={draft} />
          <Differences of={changesOf(found)} caption={labels.change} empty={labels.same} />
        </div>
      )}
    </div>
  )
}

/** Whether the draft is about the request, and if not, why. */
function Matching({ of, draft }: { readonly of: Simulation; readonly draft: Draft }) {
  const one = of.scopes[draft.scope]?.policies.find(({ name }) => name === draft.name.trim())
  if (one === undefined) return null
  const { applies, appliesNot, unmet, fields, nothing } = t()
  if (one.matches) return <Notice tone="good">{applies}</Notice>
  return (
    <Notice title={appliesNot}>
      {one.active
        ? one.unmet
            .map(({ restriction, wanted, compared }) => unmet(restriction, textOf(wanted), textOf(compared ?? nothing)))
            .join('; ')
        : `${fields.active}: ${nothing}`}
    </Notice>
  )
}

function changesOf({ before, after }: Comparison): readonly Difference[] {
  const [one, other] = [flattened(before), flattened(after)]
  return [...new Set([...one.keys(), ...other.keys()])].flatMap((name) => {
    const [was, is] = [one.get(name) ?? t().nothing, other.get(name) ?? t().nothing]
    return was === is ? [] : [{ name, before: was, after: is }]
  })
}

/** Each setting of a login under its name, as text. */
function flattened({ login, scopes, situation }: Simulation): ReadonlyMap<string, string> {
  const found = new Map<string, string>([[t().realm, situation.realm ?? t().nothing]])
  const put = (name: string, value: unknown) => found.set(name, textOf(value ?? undefined))
  for (const [type, settings] of Object.entries(login))
    for (const [name, value] of Object.entries(settings)) put(`${t().login} (${type}): ${name}`, value)
  for (const { settings } of Object.values(scopes))
    for (const [name, setting] of Object.entries(settings))
      put(name, 'error' in setting ? setting.error : setting.value)
  return found
}
