import { useState } from 'preact/hooks'
import { importPolicies, type PolicyImport } from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { CheckField } from '../../parts/check-field.tsx'
import { Form, TextArea } from '../../parts/form.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Table } from '../../parts/table.tsx'
import { t as common } from '../../parts/texts.ts'
import { toast } from '../../parts/toast.tsx'
import { ask } from '../../session.ts'
import { t } from './texts.ts'

interface Props {
  /** The names of the policies that there are. */
  readonly known: readonly string[]
  readonly onDone: () => void
}

/** Halves of an enrollment during a login, which an administrator may have to confirm. */
const HALVES = /passOnNoToken|enroll_via_multichallenge/

/** Imports a file of policies: first what it would bring and what is left out, then the import. */
function ImportPolicies({ known, onClose, onDone }: Props & { readonly onClose: () => void }) {
  const [file, setFile] = useState('')
  const [isConfirmed, setConfirmed] = useState(false)
  const [found, setFound] = useState<PolicyImport>()
  const { file: labels } = t()
  const put = (text: string) => {
    setFile(text)
    setFound(undefined)
  }
  return (
    <Dialog title={labels.title} wide onClose={onClose}>
      <p class="quiet">{labels.lead}</p>
      <Form
        submit={found === undefined ? labels.check : labels.apply}
        cancel={common().cancel}
        onCancel={onClose}
        onSubmit={() =>
          ask((nod) =>
            importPolicies(nod, {
              file,
              skip: true,
              ...(isConfirmed ? { confirm: ['anonymous_enrollment'] } : {}),
              ...(found === undefined ? { dry_run: true } : {}),
            }),
          )
        }
        onDone={(outcome) => {
          if (found === undefined) return setFound(outcome)
          toast(labels.done(outcome.count))
          onDone()
        }}
      >
        <div class="field">
          <label for="policy-file">{labels.choose}</label>
          <input
            id="policy-file"
            type="file"
            accept=".cfg,.txt,.json"
            onChange={(event) => void event.currentTarget.files?.[0]?.text().then(put)}
          />
        </div>
        <TextArea name="file" label={labels.text} rows={6} value={file} onChange={put} />
        {HALVES.test(file) && <CheckField label={t().file.confirm} checked={isConfirmed} onChange={setConfirmed} />}
        {found !== undefined && <Report of={found} known={known} />}
      </Form>
    </Dialog>
  )
}

function Report({
  of: { count, policies, left_out: omitted },
  known,
}: Pick<Props, 'known'> & { readonly of: PolicyImport }) {
  const { file: labels } = t()
  const replaced = policies.filter((name) => known.includes(name))
  return (
    <div class="stack" role="status">
      <Notice tone="info" title={labels.would(count)}>
        {policies.join(', ')}
      </Notice>
      {replaced.length > 0 && (
        <Notice tone="warn" title={labels.replaces}>
          {replaced.join(', ')}
        </Notice>
      )}
      {omitted.length > 0 && (
        <Notice tone="warn" title={labels.leftOut}>
          {labels.authorization}
        </Notice>
      )}
      <Table
        caption={labels.leftOut}
        rows={omitted}
        rowKey={({ policy, action = '' }) => `${policy} ${action}`}
        empty={labels.nothing}
        columns={[
          { name: labels.columns.policy, of: ({ policy }) => policy },
          { name: labels.columns.action, of: ({ action }) => action ?? '–' },
          { name: labels.columns.why, of: ({ why }) => <span class="break">{why}</span> },
        ]}
      />
    </div>
  )
}

/** The button that opens the import. */
export function ImportButton({ known, onDone }: Props) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t().import}</Button>
      {isOpen && (
        <ImportPolicies
          known={known}
          onClose={() => setOpen(false)}
          onDone={() => {
            setOpen(false)
            onDone()
          }}
        />
      )}
    </>
  )
}
