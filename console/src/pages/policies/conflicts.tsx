import type { ValueOf } from '../../../../client/src/index.ts'
import { address } from '../../address.ts'
import { Notice } from '../../parts/notice.tsx'
import { t } from './texts.ts'

type Conflict = ValueOf<'GET /deployment/policies/conflicts'>[number]

/** What two policies set differently, each in a sentence that leads to the second of them. */
const List = ({ of }: { readonly of: readonly Conflict[] }) => (
  <>
    {of.map(({ kind, action, policies: [one = '', other = ''], values: [value = '', another = ''] }) => (
      <a
        key={`${action} ${one} ${other}`}
        class="policy-conflict"
        href={address(`/policies/${encodeURIComponent(other)}`)}
      >
        {t().conflicts[kind](action, one, value, other, another)}
      </a>
    ))}
  </>
)

/** The policies that contradict each other: first those whose requests are refused, then what never counts. */
export function Conflicts({ of }: { readonly of: readonly Conflict[] }) {
  const refused = of.filter(({ kind }) => kind === 'refused')
  const never = of.filter(({ kind }) => kind === 'never_counts')
  const { conflictsTitle, conflictsText, neverCountsTitle, neverCountsText } = t()
  return (
    <>
      {refused.length > 0 && (
        <Notice tone="warn" title={conflictsTitle}>
          {conflictsText} <List of={refused} />
        </Notice>
      )}
      {never.length > 0 && (
        <Notice title={neverCountsTitle}>
          {neverCountsText} <List of={never} />
        </Notice>
      )}
    </>
  )
}
