import { useState } from 'preact/hooks'
import { call, type ValueOf } from '../../../../client/src/index.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Form, TextField } from '../../parts/form.tsx'
import { t as common } from '../../parts/texts.ts'
import { ask } from '../../session.ts'
import { RingOnce } from '../enroll/ring-once.tsx'
import { t } from './texts.ts'

type Found = ValueOf<'GET /token/search'>['tokens']

/** Finds a phone and rings it for a login that lets nobody in. */
export function TestLogin({ onClose }: { readonly onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const [found, setFound] = useState<Found>()
  const [serial, setSerial] = useState<string>()
  const { testTitle, testText, testSerial, choose, nothingFound } = t()
  const close = common().close
  const search = () => ask((nod) => call(nod, 'GET /token/search', { q: typed.trim(), status: 'ready', limit: 8 }))
  return (
    <Dialog title={testTitle} onClose={onClose} wide>
      <p class="quiet">{testText}</p>
      <Form
        submit={choose}
        onSubmit={search}
        onDone={({ tokens }) => {
          setFound(tokens)
          setSerial(tokens.length === 1 ? tokens[0]?.serial : undefined)
        }}
        onCancel={onClose}
        cancel={close}
      >
        <TextField name="q" label={testSerial} value={typed} onChange={setTyped} required autoFocus />
      </Form>
      {found?.length === 0 && <p role="status">{nothingFound}</p>}
      {found !== undefined && found.length > 1 && (
        <ul class="stack-tight">
          {found.map((token) => (
            <li key={token.serial} class="row">
              <Button
                small
                kind={token.serial === serial ? 'primary' : 'secondary'}
                onClick={() => setSerial(token.serial)}
              >
                {token.serial}
              </Button>
              <span>{token.user}</span>
              <span class="quiet small">{token.realm}</span>
            </li>
          ))}
        </ul>
      )}
      {serial !== undefined && (
        <div class="stack">
          <h3>{serial}</h3>
          <RingOnce key={serial} serial={serial} />
        </div>
      )}
    </Dialog>
  )
}
