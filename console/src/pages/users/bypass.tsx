import { useState } from 'preact/hooks'
import { issueBypassCode, listBypassCodes, withdrawBypassCode } from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { ActionButton, Dialog } from '../../parts/dialog.tsx'
import { Form, SelectField, TextField } from '../../parts/form.tsx'
import { Card, Facts, Loaded } from '../../parts/page.tsx'
import { t as common } from '../../parts/texts.ts'
import { toast } from '../../parts/toast.tsx'
import { Secret, When } from '../../parts/values.tsx'
import { useQuery } from '../../query.ts'
import { ask, may } from '../../session.ts'
import { t } from './bypass-texts.ts'
import type { Owner } from './owner.ts'

/** The bypass code of a user: issued, shown once, and withdrawn. */
export function BypassCode({ owner }: { readonly owner: Owner }) {
  const query = useQuery(listBypassCodes, [])
  const [isIssuing, setIssuing] = useState(false)
  const [code, setCode] = useState<string>()
  const labels = t()
  return (
    <Card
      title={labels.title}
      actions={
        may('bypass_write') && (
          <Button small onClick={() => setIssuing(true)}>
            {labels.issue}
          </Button>
        )
      }
    >
      <p class="quiet small">{labels.lead}</p>
      <Loaded query={query}>
        {(codes) => {
          const own = codes.find(({ user, realm }) => user === owner.user && realm === owner.realm)
          if (own === undefined) return <p>{labels.none}</p>
          return (
            <div class="stack">
              <Facts
                of={[
                  [labels.valid_until, <When key="until" at={own.expires_at} exact />],
                  [labels.reason, own.reason],
                  [labels.by, own.issued_by],
                ]}
              />
              {may('bypass_write') && (
                <div class="row">
                  <ActionButton
                    kind="danger"
                    name={labels.withdraw}
                    title={labels.withdrawTitle(owner.user)}
                    consequence={labels.withdrawText}
                    work={() => ask((nod) => withdrawBypassCode(nod, own.id))}
                    onDone={() => {
                      toast(labels.withdrawn)
                      query.reload()
                    }}
                  />
                </div>
              )}
            </div>
          )
        }}
      </Loaded>
      {isIssuing && (
        <Issue
          owner={owner}
          onClose={() => setIssuing(false)}
          onIssued={(issued) => {
            setIssuing(false)
            setCode(issued)
            query.reload()
          }}
        />
      )}
      {code !== undefined && (
        <Dialog title={labels.code(owner.user)} covering>
          <Secret title={labels.codeTitle} value={code} />
          <div class="row row-end">
            <Button kind="primary" onClick={() => setCode(undefined)}>
              {labels.done}
            </Button>
          </div>
        </Dialog>
      )}
    </Card>
  )
}

function Issue({
  owner,
  onClose,
  onIssued,
}: {
  readonly owner: Owner
  readonly onClose: () => void
  readonly onIssued: (code: string) => void
}) {
  const [reason, setReason] = useState('')
  const [minutes, setMinutes] = useState('240')
  const labels = t()
  return (
    <Dialog title={labels.issueTitle(owner.user)} onClose={onClose}>
      <p>{labels.issueText}</p>
      <Form
        submit={labels.issue}
        cancel={common().cancel}
        onCancel={onClose}
        onSubmit={() =>
          ask((nod) => issueBypassCode(nod, { ...owner, reason: reason.trim(), validity_minutes: minutes }))
        }
        onDone={({ code }) => onIssued(code)}
      >
        <TextField
          name="reason"
          label={labels.reason}
          hint={labels.reasonHint}
          required
          autoFocus
          value={reason}
          onChange={setReason}
        />
        <SelectField
          name="validity_minutes"
          label={labels.valid}
          options={Object.entries(labels.lifetimes)}
          value={minutes}
          onChange={setMinutes}
        />
      </Form>
    </Dialog>
  )
}
