import { useLocation, useRoute } from 'preact-iso'
import { useState } from 'preact/hooks'
import { call, deletePolicy, policyDefinitions } from '../../../../client/src/index.ts'
import { address } from '../../address.ts'
import { ActionButton } from '../../parts/dialog.tsx'
import { Notice } from '../../parts/notice.tsx'
import { Card, Loaded, Page } from '../../parts/page.tsx'
import { toast } from '../../parts/toast.tsx'
import { useQuery } from '../../query.ts'
import { ask } from '../../session.ts'
import { draftOf, type Draft, NEW } from './draft.ts'
import { Editor } from './editor.tsx'
import { t } from './editor-texts.ts'
import { History } from './history.tsx'
import { Rename } from './rename.tsx'
import { type PolicyHistory, saveDraft } from './save.ts'

/** One policy: what it sets and for whom, what changes by what is typed, and what it was. */
export default function PolicyPage() {
  const { params } = useRoute()
  const name = params['name'] ?? ''
  // A saved or restored policy is another one to edit: what was typed is in it.
  const [edition, setEdition] = useState(0)
  return <PolicyOf key={`${name} ${edition}`} name={name === '+' ? '' : name} onSaved={() => setEdition(edition + 1)} />
}

const NO_HISTORY: PolicyHistory = { policy: null, revision: 0, versions: [] }

function PolicyOf({ name, onSaved }: { readonly name: string; readonly onSaved: () => void }) {
  const { route } = useLocation()
  const isNew = name === ''
  const history = useQuery<PolicyHistory>(
    (nod, options) =>
      isNew
        ? Promise.resolve({ ok: true, value: NO_HISTORY })
        : call(nod, 'GET /policy/{name}/history', { name }, options),
    [name],
  )
  const definitions = useQuery(policyDefinitions, [])
  const conditions = useQuery(
    (nod, options) => call(nod, 'GET /policy/defs/{scope}', { scope: 'conditions' }, options),
    [],
  )
  const saved = (draft: Draft, before: Draft | undefined) => {
    const named = draft.name.trim()
    const undo = async () => {
      const now = await ask((nod) => call(nod, 'GET /policy/{name}/history', { name: named }))
      const done = !now.ok
        ? now
        : await ask<unknown>((nod) =>
            before === undefined ? deletePolicy(nod, named) : saveDraft(nod, before, now.value.revision),
          )
      toast(done.ok ? t().undone : done.failure.message)
      if (before === undefined && done.ok) route(address('/policies'))
      else onSaved()
    }
    toast(t().savedText(named), () => void undo())
    if (isNew) route(address(`/policies/${encodeURIComponent(named)}`), true)
    else onSaved()
  }
  return (
    <Page
      title={isNew ? t().newTitle : name}
      back={[address('/policies'), t().back]}
      actions={
        history.value?.policy == null ? undefined : (
          <>
            <Rename name={name} onRenamed={(now) => route(address(`/policies/${encodeURIComponent(now)}`), true)} />
            <Remove history={history.value} onRemoved={onSaved} />
          </>
        )
      }
    >
      <Loaded query={history}>
        {(known) => (
          <Loaded query={definitions}>
            {(actions) => (
              <Loaded query={conditions}>
                {(words) => (
                  <>
                    {known.policy === null && !isNew ? (
                      <Notice tone="warn">{known.versions.length > 0 ? t().gone(name) : t().never(name)}</Notice>
                    ) : (
                      <Editor
                        original={known.policy === null ? undefined : draftOf(known.policy)}
                        initial={known.policy === null ? NEW : draftOf(known.policy)}
                        revision={known.revision}
                        definitions={actions}
                        words={words}
                        onSaved={saved}
                        onReload={onSaved}
                      />
                    )}
                    {!isNew && (
                      <Card title={t().history}>
                        <History of={known} onRestored={onSaved} />
                      </Card>
                    )}
                  </>
                )}
              </Loaded>
            )}
          </Loaded>
        )}
      </Loaded>
    </Page>
  )
}

function Remove({
  history: { policy },
  onRemoved,
}: {
  readonly history: PolicyHistory
  readonly onRemoved: () => void
}) {
  if (policy === null) return null
  const { remove, removeTitle, removeText, removed, undone } = t()
  const undo = async () => {
    const done = await ask((nod) => saveDraft(nod, draftOf(policy), 0))
    toast(done.ok ? undone : done.failure.message)
    onRemoved()
  }
  return (
    <ActionButton
      kind="danger"
      name={remove}
      title={removeTitle(policy.name)}
      consequence={removeText}
      work={() => ask((nod) => deletePolicy(nod, policy.name))}
      onDone={() => {
        toast(removed(policy.name), () => void undo())
        onRemoved()
      }}
    />
  )
}
