import { useState } from 'preact/hooks'
import { createRealm, deleteRealm, listRealms, setDefaultRealm } from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { ActionButton, Dialog } from '../../parts/dialog.tsx'
import { Form, TextField } from '../../parts/form.tsx'
import { Badge } from '../../parts/notice.tsx'
import { Card, Loaded } from '../../parts/page.tsx'
import { Table } from '../../parts/table.tsx'
import { t as common } from '../../parts/texts.ts'
import { useQuery } from '../../query.ts'
import { ask } from '../../session.ts'
import { t } from './texts.ts'

/** The realms: made, deleted, and which of them is the default. */
export function Realms() {
  const query = useQuery(listRealms, [])
  const [isAdding, setAdding] = useState(false)
  const [name, setName] = useState('')
  const labels = t()
  return (
    <Card
      title={labels.realms}
      actions={
        <Button small onClick={() => setAdding(true)}>
          {labels.addRealm}
        </Button>
      }
    >
      <p class="quiet">{labels.realmsText}</p>
      <Loaded query={query}>
        {(realms) => (
          <Table
            caption={labels.realms}
            rows={Object.entries(realms)}
            rowKey={([realm]) => realm}
            empty=""
            columns={[
              {
                name: labels.realm,
                of: ([realm, { default: isDefault }]) => (
                  <span class="row">
                    {realm} {isDefault && <Badge tone="info">{labels.isDefault}</Badge>}
                  </span>
                ),
              },
              {
                name: labels.actions,
                kind: 'actions',
                of: ([realm, { default: isDefault }]) => (
                  <div class="row row-end">
                    {!isDefault && (
                      <ActionButton
                        quiet
                        name={labels.makeDefault}
                        title={labels.titleOf(labels.makeDefault, realm)}
                        consequence={labels.makeDefaultText}
                        work={() => ask((nod) => setDefaultRealm(nod, realm))}
                        onDone={query.reload}
                      />
                    )}
                    <ActionButton
                      quiet
                      kind="danger"
                      name={labels.remove}
                      title={labels.titleOf(labels.remove, realm)}
                      consequence={labels.removeText}
                      work={() => ask((nod) => deleteRealm(nod, realm))}
                      onDone={query.reload}
                    />
                  </div>
                ),
              },
            ]}
          />
        )}
      </Loaded>
      {isAdding && (
        <Dialog title={labels.addRealm} onClose={() => setAdding(false)}>
          <Form
            submit={labels.create}
            cancel={common().cancel}
            onCancel={() => setAdding(false)}
            onSubmit={() => ask((nod) => createRealm(nod, name.trim()))}
            onDone={() => {
              setAdding(false)
              setName('')
              query.reload()
            }}
          >
            <TextField name="realm" label={labels.name} required autoFocus value={name} onChange={setName} />
          </Form>
        </Dialog>
      )}
    </Card>
  )
}
