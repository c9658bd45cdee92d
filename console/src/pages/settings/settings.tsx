import { useState } from 'preact/hooks'
import {
  changeSettings,
  type Outcome,
  readSettings,
  resetSetting,
  type Settings,
} from '../../../../client/src/index.ts'
import { Form, SelectField, TextField } from '../../parts/form.tsx'
import { Card, Loaded, Page } from '../../parts/page.tsx'
import { toast } from '../../parts/toast.tsx'
import { useQuery } from '../../query.ts'
import { ask } from '../../session.ts'
import { Realms } from './realms.tsx'
import { t } from './texts.ts'

type Name = keyof ReturnType<typeof t>['settings'] & keyof Settings

/** What applies where a setting is not set. Source: docs/protocol.md, "Lifetimes" and "Settings". */
const DEFAULTS: Readonly<Record<Name, string>> = {
  PushChallengeValidityTime: '120',
  PushChallengeFinalizeGrace: '300',
  DefaultMaxFailCount: '10',
  failcounter_clear_timeout: '0',
  splitAtSign: 'True',
  PolicyTimeZone: 'UTC',
  OverrideAuthorizationClient: '',
}

const GROUPS: readonly (readonly [keyof ReturnType<typeof t>['groups'], readonly Name[]])[] = [
  ['logins', ['PushChallengeValidityTime', 'PushChallengeFinalizeGrace']],
  ['pins', ['DefaultMaxFailCount', 'failcounter_clear_timeout']],
  ['names', ['splitAtSign', 'PolicyTimeZone', 'OverrideAuthorizationClient']],
]

/** How privacyIDEA writes a yes and a no. */
const YES = /^(?:true|1|yes|on)$/i
const switchOf = (value: string): string => (value === '' ? '' : YES.test(value) ? 'True' : 'False')

/** The settings of the deployment, and its realms. */
export default function SettingsPage() {
  const query = useQuery(readSettings, [])
  const { title, lead } = t()
  return (
    <Page title={title} lead={lead}>
      <Loaded query={query}>
        {(stored) => <SettingsForm key={JSON.stringify(stored)} stored={stored} onSaved={query.reload} />}
      </Loaded>
      <Realms />
    </Page>
  )
}

function SettingsForm({
  stored,
  onSaved,
}: {
  readonly stored: Readonly<Record<string, string>>
  readonly onSaved: () => void
}) {
  const [values, setValues] = useState<Readonly<Record<string, string>>>(stored)
  const labels = t()

  const save = async (): Promise<Outcome<unknown>> => {
    const names = GROUPS.flatMap(([, group]) => group)
    const changed = names.filter((name) => (values[name] ?? '').trim() !== (stored[name] ?? ''))
    const set = changed.filter((name) => (values[name] ?? '').trim() !== '')
    if (set.length > 0) {
      const settings = Object.fromEntries(set.map((name) => [name, (values[name] ?? '').trim()]))
      const outcome = await ask((nod) => changeSettings(nod, settings))
      if (!outcome.ok) return outcome
    }
    for (const name of changed.filter((one) => !set.includes(one))) {
      const outcome = await ask((nod) => resetSetting(nod, name))
      if (!outcome.ok) return outcome
    }
    toast(changed.length === 0 ? labels.nothing : labels.saved)
    return { ok: true, value: undefined }
  }

  return (
    <Card>
      <Form submit={labels.save} onSubmit={save} onDone={onSaved}>
        {GROUPS.map(([group, names]) => (
          <section class="stack" key={group}>
            <h2>{labels.groups[group]}</h2>
            <div class="columns">
              {names.map((name) => {
                const [label = name, meaning = ''] = labels.settings[name]
                const usual = DEFAULTS[name] === '' ? labels.none : DEFAULTS[name]
                const field = {
                  name,
                  label,
                  hint: name === 'splitAtSign' ? meaning : `${meaning} ${labels.defaultIs(usual)}`,
                  value: values[name] ?? '',
                  onChange: (value: string) => setValues({ ...values, [name]: value }),
                }
                return name === 'splitAtSign' ? (
                  <SelectField
                    key={name}
                    {...field}
                    value={switchOf(field.value)}
                    options={labels.switches.map(([one = '', word = '']) => [one, word] as const)}
                  />
                ) : (
                  <TextField key={name} {...field} placeholder={DEFAULTS[name]} />
                )
              })}
            </div>
          </section>
        ))}
      </Form>
    </Card>
  )
}
