import { withdraw } from '../../../../client/src/index.ts'
import { ActionButton } from '../../parts/dialog.tsx'
import { toast } from '../../parts/toast.tsx'
import { ask, may } from '../../session.ts'
import { t } from './texts.ts'

/** Ends an open login, where the account may. */
export function Withdraw({ id, onDone }: { readonly id: string; readonly onDone?: () => void }) {
  const labels = t()
  if (!may('cancelchallenge')) return null
  return (
    <ActionButton
      name={labels.withdraw}
      title={labels.withdrawTitle}
      consequence={labels.withdrawText}
      kind="danger"
      work={() => ask((nod) => withdraw(nod, id))}
      onDone={(wasOpen) => {
        toast(wasOpen ? labels.withdrawn : labels.overAlready)
        onDone?.()
      }}
    />
  )
}
