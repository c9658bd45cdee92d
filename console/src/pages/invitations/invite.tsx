import { useState } from 'preact/hooks'
import { inviteUser, listRealms, type NewInvitation, randomKey } from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Form, SelectField, TextField } from '../../parts/form.tsx'
import { t as common } from '../../parts/texts.ts'
import { Secret } from '../../parts/values.tsx'
import { useQuery } from '../../query.ts'
import { ask } from '../../session.ts'
import { t } from './texts.ts'

/** Minutes. */
export const USUAL_VALIDITY = '1440'

/** The realms, the usual one first. */
export function useRealms(): readonly string[] {
  const realms = useQuery(listRealms, [])
  const named = Object.entries(realms.value ?? {})
  return named.toSorted(([, one], [, other]) => Number(other.default) - Number(one.default)).map(([name]) => name)
}

/** The page to send to the user. */
export const linkOf = ({ url, secret }: Pick<NewInvitation, 'url' | 'secret'>): string =>
  url ?? `${location.origin}/invited/#${secret}`

export const ValidityField = ({
  value,
  onChange,
}: {
  readonly value: string
  readonly onChange: (minutes: string) => void
}) => (
  <SelectField
    name="minutes"
    label={t().valid}
    options={Object.entries(t().lifetimes)}
    value={value}
    onChange={onChange}
  />
)

/** Invites one user, and shows the link once. */
export function InviteOne({
  user: givenUser,
  realm: givenRealm,
  onMade,
  onClose,
}: {
  readonly user: string
  readonly realm: string
  readonly onMade: () => void
  readonly onClose: () => void
}) {
  const [user, setUser] = useState(givenUser)
  const [chosenRealm, setRealm] = useState(givenRealm)
  const [note, setNote] = useState('')
  const [minutes, setMinutes] = useState(USUAL_VALIDITY)
  const [made, setMade] = useState<NewInvitation>()
  // Sent again after a lost answer, the request answers the invitation that it has made.
  const [idempotencyKey] = useState(randomKey)
  const realms = useRealms()
  const realm = chosenRealm === '' ? (realms[0] ?? '') : chosenRealm
  const labels = t()
  if (made !== undefined) return <Link made={made} onClose={onClose} />
  return (
    <Dialog title={labels.invite} onClose={onClose}>
      <Form
        submit={labels.create}
        cancel={common().cancel}
        onCancel={onClose}
        onSubmit={() =>
          ask((nod) => inviteUser(nod, { user: user.trim(), realm, note: note.trim(), minutes }, { idempotencyKey }))
        }
        onDone={(invitation) => {
          setMade(invitation)
          onMade()
        }}
      >
        <TextField
          name="user"
          label={labels.user}
          required
          autoFocus={givenUser === ''}
          value={user}
          onChange={setUser}
        />
        <SelectField
          name="realm"
          label={labels.realm}
          options={realms.map((name) => [name, name] as const)}
          value={realm}
          onChange={setRealm}
        />
        <TextField name="note" label={labels.note} hint={labels.noteHint} value={note} onChange={setNote} />
        <ValidityField value={minutes} onChange={setMinutes} />
      </Form>
    </Dialog>
  )
}

const Link = ({ made, onClose }: { readonly made: NewInvitation; readonly onClose: () => void }) => (
  <Dialog title={t().made(made.user)} covering>
    <Secret title={t().madeTitle} value={linkOf(made)} />
    <p>{t().send}</p>
    <div class="row row-end">
      <Button kind="primary" onClick={onClose}>
        {t().done}
      </Button>
    </div>
  </Dialog>
)
