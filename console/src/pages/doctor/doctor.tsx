import { useState } from 'preact/hooks'
import { call, type ValueOf } from '../../../../client/src/index.ts'
import { formatDuration } from '../../format.ts'
import { Button } from '../../parts/button.tsx'
import { Form, TextField } from '../../parts/form.tsx'
import { Badge, Notice, type Tone } from '../../parts/notice.tsx'
import { Card, Loaded, Page } from '../../parts/page.tsx'
import { useQuery } from '../../query.ts'
import { ask } from '../../session.ts'
import { Timeline } from '../logins/timeline.tsx'
import { t } from './texts.ts'

type Check = ValueOf<'GET /doctor'>['checks'][number]

const TONES: Readonly<Record<Check['state'], Tone>> = { ok: 'good', warn: 'warn', fail: 'bad', skip: 'plain' }
const ORDER: readonly Check['state'][] = ['fail', 'warn', 'ok', 'skip']

/** The checks of the deployment, worst first, each with what comes next; and a test push. */
export default function Doctor() {
  const query = useQuery((nod, options) => call(nod, 'GET /doctor', {}, options), [])
  const { title, lead, again, states } = t()
  return (
    <Page
      title={title}
      lead={lead}
      actions={
        <Button busy={query.isLoading} onClick={query.reload}>
          {again}
        </Button>
      }
    >
      <Loaded query={query}>
        {({ state, checks }) => (
          <>
            <Notice tone={TONES[state]} title={states[state]} />
            <Card flush>
              <ul class="checks">
                {checks
                  .toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))
                  .map((check) => (
                    <CheckItem key={check.id} of={check} />
                  ))}
              </ul>
            </Card>
          </>
        )}
      </Loaded>
      <TestPush />
    </Page>
  )
}

const CheckItem = ({ of: { id, state, text, took, details, next } }: { readonly of: Check }) => (
  <li class="check-item">
    <Badge tone={TONES[state]}>{t().badges[state]}</Badge>
    <div class="stack-tight grow">
      <span class="break">{text}</span>
      {details !== undefined && state !== 'ok' && <span class="quiet small break">{details}</span>}
      {next !== undefined && (
        <div class="stack-tight">
          <span class="label small">{t().next}</span>
          <pre class="code-block" tabIndex={0}>
            {next}
          </pre>
        </div>
      )}
    </div>
    <span class="quiet small number">
      {id} · {formatDuration(took)}
    </span>
  </li>
)

function TestPush() {
  const [serial, setSerial] = useState('')
  const [rung, setRung] = useState<ValueOf<'POST /doctor/push'>>()
  const { push, pushText, ring, number, ...labels } = t()
  const chosen = rung?.phones[0]?.number
  return (
    <Card title={push}>
      <p class="quiet">{pushText}</p>
      <Form
        submit={ring}
        onSubmit={() => ask((nod) => call(nod, 'POST /doctor/push', { serial: serial.trim() || undefined }))}
        onDone={setRung}
      >
        <TextField name="serial" label={labels.serial} hint={labels.serialHint} value={serial} onChange={setSerial} />
      </Form>
      {rung !== undefined && (
        <>
          <Notice tone="info" title={chosen === undefined ? undefined : `${number}: ${chosen}`}>
            {rung.message}
          </Notice>
          <Timeline key={rung.transaction_id} transactionId={rung.transaction_id} />
        </>
      )}
    </Card>
  )
}
