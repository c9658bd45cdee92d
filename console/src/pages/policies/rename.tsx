import { useState } from 'preact/hooks'
import { renamePolicy } from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Form, TextField } from '../../parts/form.tsx'
import { t as common } from '../../parts/texts.ts'
import { toast } from '../../parts/toast.tsx'
import { ask } from '../../session.ts'
import { t } from './editor-texts.ts'

/** Gives a policy another name, which can be undone. */
export function Rename({ name, onRenamed }: { readonly name: string; readonly onRenamed: (name: string) => void }) {
  const [isOpen, setOpen] = useState(false)
  const [newName, setNewName] = useState(name)
  const labels = t()
  const undo = async (from: string) => {
    const done = await ask((nod) => renamePolicy(nod, from, name))
    toast(done.ok ? labels.undone : done.failure.message)
    if (done.ok) onRenamed(name)
  }
  return (
    <>
      <Button
        onClick={() => {
          setNewName(name)
          setOpen(true)
        }}
      >
        {labels.rename}
      </Button>
      {isOpen && (
        <Dialog title={labels.renameTitle(name)} onClose={() => setOpen(false)}>
          <p>{labels.renameText}</p>
          <Form
            submit={labels.rename}
            cancel={common().cancel}
            onCancel={() => setOpen(false)}
            onSubmit={() => ask((nod) => renamePolicy(nod, name, newName.trim()))}
            onDone={() => {
              const now = newName.trim()
              toast(labels.renamed(now), () => void undo(now))
              setOpen(false)
              onRenamed(now)
            }}
          >
            <TextField
              name="name"
              label={labels.newName}
              hint={labels.hints.name}
              required
              autoFocus
              value={newName}
              onChange={setNewName}
            />
          </Form>
        </Dialog>
      )}
    </>
  )
}
