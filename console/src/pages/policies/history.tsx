import { ActionButton } from '../../parts/dialog.tsx'
import { Badge } from '../../parts/notice.tsx'
import { Empty } from '../../parts/page.tsx'
import { toast } from '../../parts/toast.tsx'
import { When } from '../../parts/values.tsx'
import { ask } from '../../session.ts'
import { Differences } from './differences.tsx'
import { differences, draftOf } from './draft.ts'
import { t } from './editor-texts.ts'
import { type PolicyHistory, saveDraft } from './save.ts'
import { t as listTexts } from './texts.ts'

/** What a policy was, the newest version first, each with what it changed, and a way to put it back. */
export function History({ of, onRestored }: { readonly of: PolicyHistory; readonly onRestored: () => void }) {
  const { versions, revision } = of
  const labels = t()
  if (versions.length === 0) return <Empty>{labels.noHistory}</Empty>
  return (
    <ol class="policy-versions">
      {versions.map((version, place) => {
        const { policy } = version
        const earlier = versions[place + 1]?.policy
        const isCurrent = version.revision === revision
        return (
          <li key={version.revision} class="stack-tight">
            <div class="row row-between">
              <span>
                {version.at === null ? labels.unknown : <When at={version.at} exact />}{' '}
                {version.administrator !== null && labels.by(version.administrator)}{' '}
                {isCurrent && <Badge tone="good">{labels.current}</Badge>}
                {policy === null && <Badge tone="warn">{listTexts().deleted}</Badge>}
              </span>
              {policy !== null && !isCurrent && (
                <ActionButton
                  name={labels.restore}
                  title={labels.restoreTitle}
                  consequence={labels.restoreText}
                  work={() => ask((nod) => saveDraft(nod, draftOf(policy), revision))}
                  onDone={() => {
                    toast(labels.restored)
                    onRestored()
                  }}
                />
              )}
            </div>
            {policy !== null && earlier != null && (
              <Differences
                of={differences(draftOf(earlier), draftOf(policy))}
                caption={labels.history}
                before={labels.before}
                after={labels.after}
                empty={labels.noDifference}
              />
            )}
            {policy !== null && versions[place + 1] === undefined && <p class="quiet small">{labels.firstVersion}</p>}
          </li>
        )
      })}
    </ol>
  )
}
