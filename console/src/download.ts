import { useState } from 'preact/hooks'
import type { CallOptions, Failure, Nod, Outcome } from '../../client/src/index.ts'
import { ask } from './session.ts'

/** Hands over a file to the browser's downloads. */
export function useDownload(
  read: (nod: Nod, options: CallOptions) => Promise<Outcome<Blob>>,
  name: string,
): { readonly download: () => void; readonly isBusy: boolean; readonly failure: Failure | undefined } {
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure>()
  const run = async () => {
    setBusy(true)
    const outcome = await ask((nod) => read(nod, { timeout: 120_000 }))
    setBusy(false)
    setFailure(outcome.ok ? undefined : outcome.failure)
    if (outcome.ok) save(outcome.value, name)
  }
  return { download: () => void run(), isBusy, failure }
}

/** Saves it under this name. */
export function save(content: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
