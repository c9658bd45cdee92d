import { useState } from 'preact/hooks'
import {
  deleteTokens,
  describeTokens,
  disableTokens,
  enableTokens,
  pauseRings,
  resumeRings,
  type Token,
} from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { ActionButton } from '../../parts/dialog.tsx'
import { Form, TextField } from '../../parts/form.tsx'
import { Badge } from '../../parts/notice.tsx'
import { Card, Facts } from '../../parts/page.tsx'
import { toast } from '../../parts/toast.tsx'
import { When } from '../../parts/values.tsx'
import { ask, may } from '../../session.ts'
import { t } from './texts.ts'

const HOUR = 60

/** One phone of the user, and what they may do to it. */
export function Phone({ token, onChanged }: { readonly token: Token; readonly onChanged: () => void }) {
  const [isRenaming, setRenaming] = useState(false)
  const labels = t()
  const { serial, active, description } = token
  const name = description === '' ? labels.phone : description
  const isWaiting = token.rollout_state !== 'enrolled'
  const pausedUntil = token.info['rings_paused_until']
  const done = (text: string) => () => {
    toast(text)
    onChanged()
  }
  const tokens = { serials: [serial] }
  return (
    <Card title={name} actions={<State token={token} />}>
      <Facts
        of={[
          [labels.serial, <code>{serial}</code>],
          [labels.lastUse, token.info['last_auth'] !== undefined && <When at={token.info['last_auth']} />],
          [labels.pausedUntil, pausedUntil !== undefined && <When at={pausedUntil} exact />],
        ]}
      />
      {isRenaming && (
        <Rename
          token={token}
          onDone={() => {
            setRenaming(false)
            onChanged()
          }}
          onCancel={() => setRenaming(false)}
        />
      )}
      <div class="row">
        {may('setdescription') && !isRenaming && (
          <Button small onClick={() => setRenaming(true)}>
            {labels.rename}
          </Button>
        )}
        {may('pause_rings') && !isWaiting && pausedUntil === undefined && (
          <ActionButton
            name={labels.pause}
            title={labels.pauseTitle(name)}
            consequence={labels.pauseText}
            work={() => ask((nod) => pauseRings(nod, tokens, HOUR))}
            onDone={done(labels.paused)}
          />
        )}
        {may('pause_rings') && pausedUntil !== undefined && (
          <ActionButton
            name={labels.resume}
            title={labels.resumeTitle(name)}
            consequence={labels.resumeText}
            work={() => ask((nod) => resumeRings(nod, tokens))}
            onDone={done(labels.resumed)}
          />
        )}
        {may('disable') && active && !isWaiting && (
          <ActionButton
            name={labels.disable}
            kind="danger"
            title={labels.disableTitle(name)}
            consequence={labels.disableText}
            work={() => ask((nod) => disableTokens(nod, tokens))}
            onDone={done(labels.disabledDone)}
          />
        )}
        {may('enable') && !active && !token.revoked && (
          <ActionButton
            name={labels.enable}
            title={labels.enableTitle(name)}
            consequence={labels.enableText}
            work={() => ask((nod) => enableTokens(nod, tokens))}
            onDone={done(labels.enabledDone)}
          />
        )}
        {may('delete') && (
          <ActionButton
            name={labels.remove}
            kind="danger"
            title={labels.removeTitle(name)}
            consequence={labels.removeText}
            work={() => ask((nod) => deleteTokens(nod, tokens))}
            onDone={done(labels.removed)}
          />
        )}
      </div>
    </Card>
  )
}

function State({ token: { active, revoked, rollout_state: state } }: { readonly token: Token }) {
  const labels = t()
  if (revoked) return <Badge tone="bad">{labels.isRevoked}</Badge>
  if (state !== 'enrolled') return <Badge tone="warn">{labels.isWaiting}</Badge>
  return active ? <Badge tone="good">{labels.isReady}</Badge> : <Badge tone="warn">{labels.isDisabled}</Badge>
}

function Rename({
  token: { serial, description },
  onDone,
  onCancel,
}: {
  readonly token: Token
  readonly onDone: () => void
  readonly onCancel: () => void
}) {
  const [name, setName] = useState(description)
  const labels = t()
  return (
    <Form
      submit={labels.save}
      cancel={labels.cancel}
      onCancel={onCancel}
      onSubmit={() => ask((nod) => describeTokens(nod, { serials: [serial] }, name.trim()))}
      onDone={onDone}
    >
      <TextField
        name="description"
        label={labels.name}
        hint={labels.renameHint}
        autoFocus
        value={name}
        onChange={setName}
      />
    </Form>
  )
}
