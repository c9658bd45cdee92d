import { call, type ValueOf } from '../../../../client/src/index.ts'
import { formatDuration } from '../../format.ts'
import { Button } from '../../parts/button.tsx'
import { Badge, Notice, type Tone } from '../../parts/notice.tsx'
import { Card, Loaded, Page } from '../../parts/page.tsx'
import { useQuery } from '../../query.ts'
import { TestPush } from './test-push.tsx'
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
      lead={
        <>
          {lead} <code class="command">npm run nod -- doctor</code>
        </>
      }
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
      <Card title={t().push}>
        <p class="quiet">{t().pushText}</p>
        <TestPush hasSerial />
      </Card>
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
    <span class="check-id quiet small number">
      {id} · {formatDuration(took)}
    </span>
  </li>
)
