import { useState } from 'preact/hooks'
import { call, type Nod, type Outcome } from '../../../../client/src/index.ts'
import { useDownload } from '../../download.ts'
import { formatNumber } from '../../format.ts'
import { Button } from '../../parts/button.tsx'
import { FailureNotice } from '../../parts/failure.tsx'
import { Card } from '../../parts/page.tsx'
import { may } from '../../session.ts'
import { Erase } from './erase.tsx'
import type { Owner } from './owner.ts'
import { t } from './privacy-texts.ts'

/** Reads every page of what Nod has of a user, as JSON. `onProgress`: how many records of the audit are read. */
async function exportUser(nod: Nod, owner: Owner, onProgress: (count: number) => void): Promise<Outcome<Blob>> {
  const first = await call(nod, 'GET /deployment/user-data', owner, { timeout: 60_000 })
  if (!first.ok) return first
  const { audit, next, ...data } = first.value
  const records = [...audit]
  for (let after = next; after !== null;) {
    onProgress(records.length)
    const page = await call(nod, 'GET /deployment/user-data', { ...owner, after }, { timeout: 60_000 })
    if (!page.ok) return page
    records.push(...page.value.audit)
    after = page.value.next
  }
  const whole = JSON.stringify({ ...data, audit: records }, undefined, 2)
  return { ok: true, value: new Blob([whole], { type: 'application/json' }) }
}

/** What the law gives a user: their data as a file, and erasure. */
export function Privacy({ owner, onErased }: { readonly owner: Owner; readonly onErased: () => void }) {
  const [count, setCount] = useState(0)
  const [isErasing, setErasing] = useState(false)
  const file = useDownload((nod) => exportUser(nod, owner, setCount), `${owner.user}.json`)
  const labels = t()
  return (
    <Card title={labels.title}>
      <p class="quiet small">{labels.lead}</p>
      {file.failure !== undefined && <FailureNotice failure={file.failure} />}
      <div class="row">
        {may('userdata_read') && (
          <Button busy={file.isBusy} onClick={file.download}>
            {labels.export}
          </Button>
        )}
        {may('userdata_erase') && <Button onClick={() => setErasing(true)}>{labels.erase} …</Button>}
        {file.isBusy && (
          <span class="quiet small" role="status">
            {labels.exported(formatNumber(count))}
          </span>
        )}
      </div>
      {isErasing && <Erase owner={owner} onClose={() => setErasing(false)} onErased={onErased} />}
    </Card>
  )
}
