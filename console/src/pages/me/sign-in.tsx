import { useState } from 'preact/hooks'
import { connect } from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { Form, TextField } from '../../parts/form.tsx'
import { Notice } from '../../parts/notice.tsx'
import { begin, session } from '../../session.ts'
import { language } from '../../texts.ts'
import { enter, type Entered } from './enter.ts'
import { type Kept, keep, restore } from './kept.ts'
import { t } from './texts.ts'

/** Signs a user in by the code that their phone shows, or by a bypass code. */
export function SignInForm({ onBypass }: { readonly onBypass: (isBypass: boolean) => void }) {
  const [kept, setKept] = useState(restore)
  const [secret, setSecret] = useState('')
  const [isLost, setLost] = useState(false)
  const nod = connect({ url: location.origin, language: language.value })
  const change = (changed: Partial<Kept>) => {
    const next = { ...kept, ...changed }
    keep(next)
    setKept(next)
  }
  const proceed = (entered: Entered) => {
    setSecret('')
    if ('transaction' in entered) return change({ transaction: entered.transaction, code: '' })
    change({ transaction: undefined, code: '' })
    onBypass(kept.transaction === undefined)
    begin(entered.session)
  }
  const labels = t()
  const { transaction } = kept
  if (transaction !== undefined)
    return (
      <div class="stack">
        <Notice tone="info">{labels.codeHint}</Notice>
        <Form submit={labels.confirm} wide onSubmit={() => enter(nod, { ...kept, secret: kept.code })} onDone={proceed}>
          <TextField
            name="password"
            label={labels.code}
            hint={labels.oldApp}
            code
            autoFocus
            required
            complete="one-time-code"
            value={kept.code}
            onChange={(code) => change({ code })}
          />
        </Form>
        <Button kind="quiet" onClick={() => change({ transaction: undefined, code: '' })}>
          {labels.again}
        </Button>
      </div>
    )
  return (
    <div class="stack">
      <Form
        submit={isLost ? labels.enter : labels.ring}
        wide
        onSubmit={() => enter(nod, { ...kept, secret })}
        onDone={proceed}
      >
        <TextField
          name="username"
          label={labels.login}
          complete="username"
          required
          autoFocus={session.value === undefined}
          value={kept.login}
          onChange={(login) => change({ login })}
        />
        <TextField
          name="realm"
          label={labels.realm}
          hint={labels.realmHint}
          complete="organization"
          value={kept.realm}
          onChange={(realm) => change({ realm })}
        />
        <TextField
          key={isLost ? 'bypass' : 'pin'}
          name="password"
          type={isLost ? 'text' : 'password'}
          label={isLost ? labels.bypass : labels.pin}
          hint={isLost ? labels.bypassHint : labels.pinHint}
          complete={isLost ? 'off' : 'current-password'}
          required={isLost}
          autoFocus={isLost}
          value={secret}
          onChange={setSecret}
        />
      </Form>
      <Button
        kind="quiet"
        onClick={() => {
          setSecret('')
          setLost(!isLost)
        }}
      >
        {isLost ? labels.hasPhone : labels.lost}
      </Button>
      <p class="quiet small">{labels.off}</p>
    </div>
  )
}
