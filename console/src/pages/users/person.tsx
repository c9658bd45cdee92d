import { useState } from 'preact/hooks'
import { addUser, changeUser, type User } from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Form } from '../../parts/form.tsx'
import { Card, Facts } from '../../parts/page.tsx'
import { t as common } from '../../parts/texts.ts'
import { toast } from '../../parts/toast.tsx'
import { ask, may } from '../../session.ts'
import type { Owner } from './owner.ts'
import { PersonFields } from './users.tsx'
import { t } from './user-texts.ts'

/** What is recorded of the person, to be changed by those who may. */
export function Person({
  owner,
  person,
  onSaved,
}: {
  readonly owner: Owner
  readonly person: User | undefined
  readonly onSaved: () => void
}) {
  const [isOpen, setOpen] = useState(false)
  const labels = t()
  const isEditable = may(person === undefined ? 'adduser' : 'updateuser')
  return (
    <Card
      title={labels.person}
      actions={
        isEditable && (
          <Button small onClick={() => setOpen(true)}>
            {labels.edit}
          </Button>
        )
      }
    >
      {person === undefined || (person.givenname === '' && person.surname === '' && person.email === '') ? (
        <p class="quiet">{labels.noRecord}</p>
      ) : (
        <Facts
          of={[
            [labels.name, [person.givenname, person.surname].filter(Boolean).join(' ')],
            [labels.mail, person.email !== '' && <a href={`mailto:${person.email}`}>{person.email}</a>],
          ]}
        />
      )}
      {isOpen && (
        <Edit
          owner={owner}
          person={person}
          onClose={() => setOpen(false)}
          onSaved={() => {
            setOpen(false)
            toast(labels.saved)
            onSaved()
          }}
        />
      )}
    </Card>
  )
}

function Edit({
  owner,
  person,
  onClose,
  onSaved,
}: {
  readonly owner: Owner
  readonly person: User | undefined
  readonly onClose: () => void
  readonly onSaved: () => void
}) {
  const { givenname = '', surname = '', email = '' } = person ?? {}
  const [names, setNames] = useState({ givenname, surname, email })
  const labels = t()
  const save = () => {
    const request = { ...owner, ...names }
    // Nothing is recorded yet of a user who has tokens alone.
    return person === undefined
      ? ask<unknown>((nod) => addUser(nod, request))
      : ask<unknown>((nod) => changeUser(nod, request))
  }
  return (
    <Dialog title={labels.editTitle(owner.user)} onClose={onClose}>
      <Form submit={labels.save} cancel={common().cancel} onCancel={onClose} onSubmit={save} onDone={onSaved}>
        <PersonFields value={names} onChange={setNames} />
      </Form>
    </Dialog>
  )
}
