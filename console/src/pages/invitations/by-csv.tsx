import { useEffect, useState } from 'preact/hooks'
import { writeCsv } from '../../csv.ts'
import { save } from '../../download.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { SelectField, TextArea } from '../../parts/form.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Table } from '../../parts/table.tsx'
import { t } from './csv-texts.ts'
import { linkOf, USUAL_VALIDITY, useRealms, ValidityField } from './invite.tsx'
import { type Faulty, readInvitees } from './rows.ts'
import { type Inviting, type Result, useInviting } from './use-inviting.ts'

/** Invites the users of a CSV file with a progress bar, and hands over the links as a file. */
export function InviteByCsv({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState('')
  const [chosenRealm, setRealm] = useState('')
  const [minutes, setMinutes] = useState(USUAL_VALIDITY)
  const [isSaved, setSaved] = useState(false)
  const [isLeaving, setLeaving] = useState(false)
  const inviting = useInviting()
  const realms = useRealms()
  const realm = chosenRealm === '' ? (realms[0] ?? '') : chosenRealm
  const { invitees, faulty } = readInvitees(text, realm, realms)
  const { results, isRunning } = inviting
  const isBegun = isRunning || results.length > 0 || inviting.failure !== undefined
  const isOver = isBegun && !isRunning && results.length === invitees.length
  const isUnsaved = !isSaved && results.some((one) => 'made' in one)
  useWarning(isUnsaved)
  const labels = t()
  const close = () => (isUnsaved ? setLeaving(true) : onClose())
  return (
    <Dialog title={labels.title} wide {...(isBegun ? {} : { onClose })}>
      {isBegun ? (
        <Progress of={inviting} all={invitees.length} isOver={isOver} />
      ) : (
        <>
          <p>{labels.lead}</p>
          <FileField onRead={setText} />
          <TextArea name="csv" rows={6} label={labels.paste} value={text} onChange={setText} />
          <div class="columns">
            <SelectField
              name="realm"
              label={labels.realm}
              options={realms.map((name) => [name, name] as const)}
              value={realm}
              onChange={setRealm}
            />
            <ValidityField value={minutes} onChange={setMinutes} />
          </div>
          {text.trim() !== '' && (
            <p role="status">
              {labels.rows(invitees.length)} {faulty.length > 0 && labels.faulty(faulty.length)}
            </p>
          )}
        </>
      )}
      <Errors faulty={faulty} results={results} />
      {isUnsaved && !isRunning && (
        <Notice tone={isLeaving ? 'bad' : 'warn'}>{isLeaving ? labels.leave : labels.once}</Notice>
      )}
      <div class="row row-end">
        {!isRunning && (
          <Button onClick={isLeaving ? onClose : close}>
            {isBegun ? (isLeaving && isUnsaved ? labels.leaveAnyway : labels.close) : labels.cancel}
          </Button>
        )}
        {isRunning && <Button onClick={inviting.stop}>{labels.stop}</Button>}
        {isBegun && !isRunning && results.length > 0 && (
          <Button
            kind={isOver ? 'primary' : 'secondary'}
            onClick={() => {
              save(new Blob([fileOf(results)], { type: 'text/csv' }), 'invitations.csv')
              setSaved(true)
              setLeaving(false)
            }}
          >
            {isSaved ? labels.downloaded : labels.download}
          </Button>
        )}
        {!isRunning && !isOver && (
          <Button
            kind="primary"
            disabled={invitees.length === 0}
            onClick={() => {
              setSaved(false)
              setLeaving(false)
              inviting.run(invitees, minutes)
            }}
          >
            {isBegun ? labels.resume : labels.start}
          </Button>
        )}
      </div>
    </Dialog>
  )
}

/** Asks before the tab is closed while links would be lost. */
function useWarning(isUnsaved: boolean): void {
  useEffect(() => {
    if (!isUnsaved) return undefined
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', warn)
    return () => removeEventListener('beforeunload', warn)
  }, [isUnsaved])
}

const FileField = ({ onRead }: { readonly onRead: (text: string) => void }) => (
  <div class="field">
    <label for="invitees-file">{t().file}</label>
    <input
      id="invitees-file"
      class="input"
      type="file"
      accept=".csv,.txt,text/csv,text/plain"
      onChange={(event) => void event.currentTarget.files?.[0]?.text().then(onRead)}
    />
  </div>
)

function Progress({
  of: { results, failure, isRunning },
  all,
  isOver,
}: {
  readonly of: Inviting
  readonly all: number
  readonly isOver: boolean
}) {
  const labels = t()
  const invited = results.filter((one) => 'made' in one).length
  return (
    <div class="stack">
      <progress class="progress" max={all} value={results.length} aria-label={labels.title} />
      <p role="status">
        {isOver ? labels.done(invited, results.length - invited) : labels.progress(results.length, all)}
      </p>
      {failure !== undefined && <FailureNotice failure={failure} />}
      {failure === undefined && !isRunning && !isOver && <Notice>{labels.stopped}</Notice>}
    </div>
  )
}

function Errors({ faulty, results }: { readonly faulty: readonly Faulty[]; readonly results: readonly Result[] }) {
  const labels = t()
  const rows = [
    ...faulty.map(({ line, user, fault }) => ({ line, user, text: labels.faults[fault] })),
    ...results.flatMap((one) =>
      'error' in one ? [{ line: one.invitee.line, user: one.invitee.user, text: one.error }] : [],
    ),
  ].toSorted((one, other) => one.line - other.line)
  if (rows.length === 0) return null
  return (
    <Table
      caption={labels.errors}
      rows={rows}
      rowKey={({ line }) => line}
      empty=""
      columns={[
        { name: labels.line, of: ({ line }) => line },
        { name: labels.user, of: ({ user }) => <span class="break">{user}</span> },
        { name: labels.what, of: ({ text }) => <span class="break">{text}</span> },
      ]}
    />
  )
}

/** The links, and why there is none, as CSV. */
const fileOf = (results: readonly Result[]): string =>
  writeCsv([
    ['user', 'realm', 'note', 'link', 'ends', 'error'],
    ...results.map((one) => {
      const { user, realm, note } = one.invitee
      return 'made' in one
        ? [user, realm, note, linkOf(one.made), new Date(one.made.expires_at).toISOString(), '']
        : [user, realm, note, '', '', one.error]
    }),
  ])
